"""Doing what the story says through the actions of the loop, as the people of the county would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.core.files.uploadedfile import SimpleUploadedFile

from lantian.web.cases import actions
from lantian.web.cases.actions import Complainant, Doer, Evidence, Report
from lantian.web.cases.demo.people import People
from lantian.web.cases.demo.pictures import picture
from lantian.web.cases.demo.planning import Deed, Plan
from lantian.web.cases.demo.reading import words
from lantian.web.cases.intake import landing, wording
from lantian.web.cases.intake.excursions import Excursion
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE
from lantian.web.core import air
from lantian.web.evidence.actions import store
from lantian.web.sources.models import Source

_OF_THE_UNIT = ("accept", "return", "finish", "ask_extension")
_ON_SITE = ("pass", "fail", "relapse", "look_back")
_COMPLAINTS = ("hotline", "public")
_SEEN_BEFORE = timedelta(minutes=25)  # somebody sees a problem, and then reports it
Call = Callable[..., Any]


class Player:
    """Plays deeds in the order in which they happen.

    Parameters
    ----------
    system
        Name of the part of the system that takes in what no person brings.
    """

    def __init__(self, rules: Rules, people: People, system: str) -> None:
        self.rules = rules
        self.people = people
        self.system = system
        self.cases: dict[int, Case] = {}
        self.pictures = 0

    def play(self, plan: Plan, deed: Deed) -> None:
        """Do one deed.

        Raises
        ------
        DomainError
            The loop refuses it: the story has a mistake.
        """
        if deed.action == "take_in":
            self.cases[plan.number] = self._taken_in(plan, deed.at)
            return
        case = self.cases[plan.number]
        if deed.action == "comment":
            self._comment(plan, case, deed.at)
            return
        doer, needs = self._how(plan, case, deed)
        call = _CALLS.get(deed.action) or getattr(actions, deed.action)
        kept = {"seen": case.version, "now": deed.at, **needs}
        if deed.action == "merge":
            kept["target"] = self.cases[there(plan.into).number]
            merged = call(case, kept.pop("target"), doer, self.rules, **kept)
            self.cases[plan.number] = merged
            self.cases[there(plan.into).number].refresh_from_db()
            return
        self.cases[plan.number] = call(case, doer, self.rules, **kept)
        if deed.action == "close" and plan.sweep:
            self._sweep(plan, deed.at)

    # -- taking in

    def _taken_in(self, plan: Plan, at: datetime) -> Case:
        if plan.excursion is not None:
            return self._alert(plan, plan.excursion, at)
        source = there(plan.source)
        channel = TABLE.channels[plan.channel]
        complaint = plan.channel in _COMPLAINTS
        ordered = plan.own_due is not None
        text = words()["complaint"].format(seen=plan.seen) if complaint else ""
        report = Report(
            title=plan.seen, description=text, problem=plan.problem.type, channel=plan.channel,
            territory=source.territory, source=source, lon=source.lon, lat=source.lat,
            place=source.name, found_at=at - _SEEN_BEFORE,
            external_number=_number(plan, at) if ordered else "",
            external_due=plan.external_due, own_due=plan.own_due,
            complainant=_complainant(plan) if complaint else None,
        )  # fmt: skip
        doer: Doer | str = self.people.dispatcher(plan)
        if plan.channel == "patrol":
            doer = self._looking(plan, source)
        elif channel.system:
            doer = self.system
        return actions.take_in(report, doer, self.rules, now=at)

    def _alert(self, plan: Plan, excursion: Excursion, at: datetime) -> Case:
        """Take in what the air of a station showed, as the page of excursions does."""
        town = (
            air.network().stations().filter(pl.col("station") == excursion.station)["town"].item()
        )
        zone = air.network().zone
        report = Report(
            title=wording.title(excursion), description=wording.description(excursion, zone),
            problem=plan.problem.type, channel=plan.channel,
            territory=self.people.towns[town], lon=excursion.lon, lat=excursion.lat,
            place=excursion.name, found_at=min(excursion.at, at),
        )  # fmt: skip
        origin = landing.Origin("excursion", excursion.key)
        desk = self.people.dispatcher(plan)
        return landing.land(report, desk, self.rules, now=at, origin=origin)

    def _looking(self, plan: Plan, source: Source) -> Doer:
        draft = Case(territory=source.territory)
        return (
            self.people.inspector(plan)
            if plan.number % 3 == 0
            else self.people.on_site(plan, draft)
        )

    # -- who does it, and with what

    def _how(self, plan: Plan, case: Case, deed: Deed) -> tuple[Doer, dict[str, Any]]:
        """Return who does a deed, and what it needs besides."""
        say, problem, doer = words(), plan.problem, self._who(plan, case, deed)
        needs = self._decision(plan, case, deed)
        if deed.action == "verify":
            last = plan.deeds[-1]
            declined = last.action == "decline"
            text = say["decline"][last.outcome] if declined else _of(plan, problem.found)
            needs = {"finding": text, "confirmed": not declined}
        elif deed.action in ("report", "finish"):
            needs = {"text": _of(plan, say["report"] if deed.action == "report" else problem.done)}
        elif deed.action in _ON_SITE:
            needs = {"finding": self._judgement(plan, deed.action)}
        elif not needs and deed.action in say:
            needs = {"reason": say[deed.action]}
        if "evidence" in TABLE.actions[deed.action].needs:
            needs["evidence"] = self._evidence(plan, case, deed, doer)
        return doer, needs

    def _decision(self, plan: Plan, case: Case, deed: Deed) -> dict[str, Any]:
        """Return what somebody at a desk states besides; empty: a reason, or nothing."""
        say, action = words(), deed.action
        if action in ("open", "sign", "close"):
            outcome = {"outcome": deed.outcome or "rectified"} if action == "close" else {}
            return {"condition": True, **outcome}
        if action in ("decline", "void"):
            reason = say["decline"][deed.outcome] if action == "decline" else say["void"]
            return {"reason": reason, "outcome": deed.outcome}
        if action in ("return", "reassign"):
            unit = case.proposed_owner or self.people.another_unit(case)
            return {"reason": say[action].format(unit=unit.name), "owner": unit}
        dates = {"ask_extension": ("until", plan.until), "suspend": ("review_on", plan.review_on)}
        if action in dates:
            return {"reason": say[action], dates[action][0]: dates[action][1]}
        if action == "merge":
            into = self.cases[there(plan.into).number]
            return {"reason": say["merge"].format(case=into.code)}
        return {}

    def _who(self, plan: Plan, case: Case, deed: Deed) -> Doer:
        people, action = self.people, deed.action
        decides = action in ("uphold", "reassign") and case.returns > 1
        if decides or action in ("suspend", "void", "sign"):
            return people.leader(plan)
        if action == "withdraw":
            return people.of(case.dispatched_by_id, "dispatcher")
        who: Mapping[str, Call] = {
            "verify": lambda: people.on_site(plan, case),
            "report": lambda: people.enterprise(case) or people.officer(case),
            **dict.fromkeys(_OF_THE_UNIT, lambda: people.officer(case)),
            **dict.fromkeys(_ON_SITE, lambda: people.inspector(plan)),
        }
        doer: Doer = who.get(action, lambda: people.dispatcher(plan))()
        return doer

    def _judgement(self, plan: Plan, action: str) -> str:
        say, problem = words(), plan.problem
        if action == "fail":
            return _of(plan, problem.failed)
        if action == "relapse":
            return str(say["relapse"]).format(seen=plan.seen)
        return str(say["look_back"]) if action == "look_back" else _of(plan, problem.checked)

    def _evidence(self, plan: Plan, case: Case, deed: Deed, doer: Doer) -> list[Evidence]:
        kind_of = self.rules.problem(case.problem, case.catalogue).evidence.get(deed.action, {})
        wanted = dict(kind_of) or {"photo_check": 1}
        return [
            self._piece(plan, kind, deed, doer) for kind, n in wanted.items() for _one in range(n)
        ]

    def _piece(self, plan: Plan, kind: str, deed: Deed, doer: Doer) -> Evidence:
        self.pictures += 1
        drawn = "photo_before" if deed.action in ("fail", "relapse") else kind
        data = picture(plan.problem.scene, drawn, self.pictures)
        upload = SimpleUploadedFile(f"{self.pictures}.png", data, "image/png")
        file = store(upload, doer.user, deed.at, via=doer.actor)
        return Evidence(kind, file.sha256)

    # -- beside the way

    def _comment(self, plan: Plan, case: Case, at: datetime) -> None:
        text = _of(plan, words()["comment"])
        actions.comment(case, self.people.leader(plan), now=at, text=text)

    def _sweep(self, plan: Plan, at: datetime) -> None:
        """Have similar sources checked, and note that they were found in order."""
        case, doer = self.cases[plan.number], self.people.dispatcher(plan)
        source = there(plan.source)
        like = Source.objects.filter(kind=source.kind, status="operating").exclude(pk=source.pk)
        chosen = list(like.select_related("territory").order_by("pk")[: plan.sweep])
        made = actions.sweep(case, chosen, doer, self.rules, seen=case.version, now=at)
        self.cases[plan.number].refresh_from_db()
        for n, one in enumerate(made):
            self._checked(plan, one, at + timedelta(minutes=75 + 40 * n))

    def _checked(self, plan: Plan, case: Case, at: datetime) -> None:
        looked = self.people.on_site(plan, case)
        deed = Deed(at, "verify")
        text = words()["clean"]
        evidence = [self._piece(plan, "photo_before", Deed(at, "look"), looked)]
        done = actions.verify(
            case, looked, self.rules, seen=case.version, now=at, finding=text, confirmed=False,
            evidence=evidence,
        )  # fmt: skip
        desk = self.people.dispatcher(plan)
        actions.decline(
            done, desk, self.rules, seen=done.version, now=deed.at + timedelta(minutes=20),
            reason=text, outcome="unfounded",
        )  # fmt: skip


def there(value: Any) -> Any:  # noqa: ANN401 - whatever is asked for
    """Return what a plan of this kind has."""
    if value is None:
        message = "The plan lacks what its deed needs."
        raise RuntimeError(message)
    return value


def _of(plan: Plan, sentences: Sequence[str]) -> str:
    return sentences[plan.number % len(sentences)]


def _complainant(plan: Plan) -> Complainant:
    known = words()["complainants"]
    name, phone, address = known[plan.number % len(known)]
    return Complainant(name, phone, address)


def _number(plan: Plan, at: datetime) -> str:
    return str(words()["order"]).format(year=at.year, number=plan.number)


_CALLS: Mapping[str, Call] = {
    "open": actions.open_case,
    "return": actions.return_case,
    "pass": actions.pass_reinspection,
    "fail": actions.fail_reinspection,
}
