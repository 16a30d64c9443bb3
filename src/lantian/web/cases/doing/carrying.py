"""From the form of an action to the action itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.cases import actions
from lantian.web.cases.actions import Doer, Evidence
from lantian.web.cases.models import Case
from lantian.web.cases.reach import Reach
from lantian.web.cases.rules import Rules
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source


@dataclass(frozen=True)
class Filled:
    """A form that is filled in.

    Parameters
    ----------
    seen
        Version of the case the person saw.
    data
        What the form holds, cleaned.
    reach
        What the person sees: a duplicate goes only to a case they do.
    """

    case: Case
    doer: Doer
    rules: Rules
    seen: int
    now: datetime
    data: Mapping[str, Any]
    evidence: tuple[Evidence, ...]
    reach: Reach

    @property
    def text(self) -> str:
        """Return the reason, finding or text."""
        return str(self.data.get("reason", ""))

    def call(self, act: Callable[..., Any], **more: Any) -> None:  # noqa: ANN401 - of the action
        """Do an action of the loop."""
        act(self.case, self.doer, self.rules, seen=self.seen, now=self.now, **more)


def carry(name: str, f: Filled) -> None:
    """Do the action of a form.

    Raises
    ------
    DomainError
        What the action refuses; ``cases.bad_target``.
    """
    _ACTIONS[name](f)


def _reasoned(act: Callable[..., Any]) -> Callable[[Filled], None]:
    return lambda f: f.call(act, reason=f.text)


def _plain(act: Callable[..., Any]) -> Callable[[Filled], None]:
    return lambda f: f.call(act)


def _found(act: Callable[..., Any]) -> Callable[[Filled], None]:
    return lambda f: f.call(act, finding=f.text, evidence=f.evidence)


def _told(act: Callable[..., Any]) -> Callable[[Filled], None]:
    return lambda f: f.call(act, text=f.text, evidence=f.evidence)


def _ended(act: Callable[..., Any]) -> Callable[[Filled], None]:
    return lambda f: f.call(act, reason=f.text, outcome=f.data["outcome"])


def _verify(f: Filled) -> None:
    confirmed = f.data["confirmed"] == "yes"
    f.call(actions.verify, finding=f.text, confirmed=confirmed, evidence=f.evidence)


def _open(f: Filled) -> None:
    f.call(
        actions.open_case, condition=f.data["condition"], problem=f.data["problem"],
        severity=f.data["severity"],
    )  # fmt: skip


def _merge(f: Filled) -> None:
    code = str(f.data["target"])
    year, _dash, number = code.partition("-")
    target = None
    if year.isdecimal() and number.isdecimal() and len(code) <= 14:
        target = f.reach.cases().filter(year=int(year), number=int(number)).first()
    if target is None:
        raise InvalidArgumentError(
            "cases.bad_target", _("There is no case {code} that you see.").format(code=code)
        )
    actions.merge(
        f.case, target, f.doer, f.rules, seen=f.seen, now=f.now, reason=f.text
    )  # fmt: skip


def _owned(act: Callable[..., Any]) -> Callable[[Filled], None]:
    def do(f: Filled) -> None:
        f.call(act, reason=f.text, owner=Organisation.objects.get(pk=f.data["owner"]))

    return do


def _sweep(f: Filled) -> None:
    numbers = f.data["sources"]
    rows = Source.objects.filter(number__in=numbers).select_related("territory")
    by = {s.number: s for s in rows}
    sources = [by[n] for n in numbers]
    actions.sweep(f.case, sources, f.doer, f.rules, seen=f.seen, now=f.now)


def _correct(f: Filled) -> None:
    given = {k: v for k, v in f.data.items() if k not in ("reason", "post", "lon", "lat")}
    if "lon" in f.data:
        lon, lat = f.data["lon"], f.data["lat"]
        if (lon is None) != (lat is None):
            raise InvalidArgumentError(
                "cases.half_position", _("Give both longitude and latitude, or neither.")
            )
        given["position"] = None if lon is None else (lon, lat)
    if "territory" in given:
        given["territory"] = Territory.objects.get(code=given["territory"])
    if "source" in given:
        given["source"] = _source(given["source"])
    f.call(actions.correct, reason=f.text, changes=given)


def _source(number: str) -> Source | None:
    if not number.strip():
        return None
    found = Source.objects.filter(number=number.strip().upper()).first()
    if found is None:
        raise InvalidArgumentError(
            "cases.unknown_source", _("There is no source {number}.").format(number=number)
        )
    return found


def _comment(f: Filled) -> None:
    people = User.objects.filter(pk__in=f.data["mentions"])
    actions.comment(f.case, f.doer, now=f.now, text=f.text, mentions=list(people))


_ACTIONS: Mapping[str, Callable[[Filled], None]] = {
    "verify": _verify,
    "open": _open,
    "decline": _ended(actions.decline),
    "merge": _merge,
    "dispatch": _plain(actions.dispatch),
    "withdraw": _reasoned(actions.withdraw),
    "accept": _plain(actions.accept),
    "return": _owned(actions.return_case),
    "uphold": _reasoned(actions.uphold),
    "reassign": _owned(actions.reassign),
    "report": _told(actions.report),
    "finish": _told(actions.finish),
    "ask_extension": lambda f: f.call(actions.ask_extension, reason=f.text, until=f.data["until"]),
    "grant_extension": _plain(actions.grant_extension),
    "refuse_extension": _reasoned(actions.refuse_extension),
    "suspend": lambda f: f.call(actions.suspend, reason=f.text, review_on=f.data["review_on"]),
    "resume": _reasoned(actions.resume),
    "pass": _found(actions.pass_reinspection),
    "fail": _found(actions.fail_reinspection),
    "sign": lambda f: f.call(actions.sign, condition=f.data["condition"]),
    "close": lambda f: f.call(
        actions.close, condition=f.data["condition"], outcome=f.data["outcome"], remark=f.text
    ),
    "refuse_close": _reasoned(actions.refuse_close),
    "void": _ended(actions.void),
    "look_back": _found(actions.look_back),
    "relapse": _found(actions.relapse),
    "sweep": _sweep,
    "correct": _correct,
    "comment": _comment,
}
