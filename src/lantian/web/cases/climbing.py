"""The ladder at work: rungs reached are recorded once, signed where they must be, and told.

What the program issues goes out by itself; the rest waits for a signature, and lapses when the
stage is over. A rung is no event of the case: nobody's action fails because the program reminded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.accounts.roles import ROLES
from lantian.web.audit.chain import record
from lantian.web.cases import refusals
from lantian.web.cases.actions.acting import day_of, locked
from lantian.web.cases.clocks import YELLOW, Clock
from lantian.web.cases.doers import Doer, posts_of, responsibility, standing
from lantian.web.cases.ladder import COUNTS, SYSTEM, Ladder, Reached, Rung, load, told
from lantian.web.cases.models import Case, CaseEvent, Climb
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE, Refusal
from lantian.web.cases.telling import Directory
from lantian.web.notifications.actions import Telling, tell_all
from lantian.workdays import Calendar, Unit

_BATCH = 50  # cases written in one transaction, so that people who act wait for a moment only


@dataclass(frozen=True)
class _Found:
    case: int
    version: int
    step: int | None
    rungs: Sequence[Reached]


def run(rules: Rules, ladder: Ladder, *, now: datetime) -> int:
    """Record the rungs that cases have reached since the last time, and tell; return how many."""
    found = _reached(rules.calendar, ladder, now)
    if not found:
        return 0
    roles = {r for rung in ladder.rungs for names in rung.tell.values() for r in names}
    roles |= {"dispatcher", *(rung.signed_by for rung in ladder.rungs)}
    directory = Directory(day_of(now), roles & set(ROLES))
    parts = (found[n : n + _BATCH] for n in range(0, len(found), _BATCH))
    return sum(_write(part, ladder, directory, now) for part in parts)


def _reached(calendar: Calendar, ladder: Ladder, now: datetime) -> list[_Found]:
    """Return the cases that have reached rungs not recorded yet."""
    taken: dict[int, set[str]] = defaultdict(set)
    kept = Climb.objects.exclude(case__state__in=TABLE.ended).values_list("case", "key")
    for case, key in kept:
        taken[case].add(key)
    found = []
    for row in _candidates(ladder, now):
        clock = None
        if row["step"] is not None:
            clock = Clock(row["begun"], row["due"], row["yellow"], cast(Unit, row["unit"]))
        reached = ladder.reached(
            calendar, now, stage=row["state"], step=row["times"], clock=clock,
            serious=row["severity"] == "serious", counts={c: row[c] for c in COUNTS},
            taken=taken[row["pk"]],
        )  # fmt: skip
        if reached:
            found.append(_Found(row["pk"], row["version"], row["step"], reached))
    return found


def _candidates(ladder: Ladder, now: datetime) -> Iterable[dict[str, Any]]:
    """Return the open cases whose clock, or one of whose counts, may have come to a rung."""
    late = Q(steps__yellow_at__lte=now)
    for severity, name in (("general", "share"), ("serious", "serious_share")):
        if min(getattr(rung, name) for rung in ladder.rungs) < YELLOW:
            late |= Q(severity=severity)
    running = Q(steps__isnull=False, steps__ended_at=None) & late
    least = [(c, n) for rung in ladder.rungs for c, n in rung.counts.items()]
    counted = Q(pk__in=())
    for count, n in least:
        counted |= Q(**{f"{count}__gte": n})
    # going on after a suspension is the same time in the stage
    entered = CaseEvent.objects.filter(case=OuterRef("pk"), after=OuterRef("state"))
    entered = entered.exclude(before=OuterRef("state")).exclude(action="resume").order_by()
    times = entered.values("case").annotate(n=Count("pk")).values("n")
    rows = Case.objects.exclude(state__in=TABLE.ended).order_by()
    named = {"step": F("steps__pk"), "begun": F("steps__begun_at"), "due": F("steps__due_at"),
             "yellow": F("steps__yellow_at"), "unit": F("steps__unit")}  # fmt: skip
    fields = ("pk", "version", "state", "severity", *COUNTS)
    clocked = rows.filter(running).annotate(times=Coalesce(Subquery(times), 1))
    found: dict[int, dict[str, Any]] = {
        row["pk"]: row for row in clocked.values(*fields, "times", **named)
    }
    for row in rows.filter(counted).values(*fields):
        found.setdefault(row["pk"], {**row, "step": None, "times": 1})
    return found.values()


def _write(part: Sequence[_Found], ladder: Ladder, directory: Directory, now: datetime) -> int:
    """Record rungs of some cases; a case that was acted on meanwhile waits for the next time."""
    written = 0
    with transaction.atomic():
        rows = Case.objects.select_for_update(of=("self",)).select_related("territory")
        cases = {c.pk: c for c in rows.filter(pk__in=[f.case for f in part]).order_by("pk")}
        there = set(Climb.objects.filter(case__in=cases).values_list("case", "key"))
        tellings: list[Telling] = []
        made: list[Climb] = []
        for found in part:
            case = cases[found.case]
            if case.version != found.version:
                continue
            for reached in found.rungs:
                if (case.pk, reached.key) not in there:
                    climb, telling = _climb(case, found.step, reached, directory, now)
                    made.append(climb)
                    tellings.append(telling)
        names = dict(
            User.objects.filter(
                pk__in=frozenset().union(*(t.people for t in tellings)), is_active=True
            ).values_list("pk", "name")
        )
        for climb, telling in zip(made, tellings, strict=True):
            if climb.taken_at is not None:
                climb.told = sorted(names[p] for p in telling.people if p in names)
            climb.save(force_insert=True)
            written += 1
        tell_all(tellings, now=now)
        for climb in made:
            about = {"rung": climb.rung, "key": climb.key, "people": climb.told}
            kind = "cases.rung_reached" if climb.taken_at is None else "cases.rung_issued"
            record(kind, climb.case, about, actor=_("system"))
    return written


def _climb(
    case: Case, step: int | None, reached: Reached, directory: Directory, now: datetime
) -> tuple[Climb, Telling]:
    """Return the row of a rung and who is told: of the rung, or that it is to be signed."""
    rung = reached.rung
    issued = rung.signed_by == SYSTEM
    climb = Climb(
        case=case, step_id=None if reached.count else step, rung=rung.code, key=reached.key,
        reached_at=reached.since or now, taken_at=now if issued else None,
    )  # fmt: skip
    if issued:
        return climb, _telling(climb, rung, directory)
    signers = directory.holders([rung.signed_by], case, apart=True)
    about = {"case": case.code, "title": case.title, "rung": _title(rung)}
    return climb, Telling(
        "cases.rung_to_sign", frozenset(signers), f"{case.code}/{reached.key}", case.pk, about
    )


def _telling(climb: Climb, rung: Rung, directory: Directory) -> Telling:
    case = climb.case
    who = told(rung, case.state, responsibility(case))
    people = {h.user for h in who.holders} | directory.holders(who.roles, case, apart=False)
    state = TABLE.states[case.state]
    about: dict[str, Any] = {
        "case": case.code, "title": case.title, "rung": _title(rung),
        "state": {"zh": state.zh, "en": state.en},
    }  # fmt: skip
    kind = "cases.rung"
    if climb.answer_by is not None:
        kind = "cases.rung_late"
        about["answer"] = timezone.localtime(climb.answer_by).strftime("%Y-%m-%d %H:%M")
    return Telling(kind, frozenset(people), f"{case.code}/{climb.key}", case.pk, about)


def _title(rung: Rung) -> dict[str, str]:
    return {"zh": rung.zh, "en": rung.en}


# -- signing


def sign(climb: Climb, doer: Doer, rules: Rules, ladder: Ladder, *, now: datetime) -> Climb:
    """Issue a rung that waits for a signature.

    Raises
    ------
    DomainError
        ``cases.rung_taken``, ``cases.rung_lapsed``, ``cases.rung_not_your_role``,
        ``cases.not_your_place``, ``cases.own_unit``, ``cases.scored``, ``cases.rectified_it``,
        ``cases.post_not_held``.
    """
    with transaction.atomic():
        case = locked(climb.case_id)
        row = Climb.objects.select_related("step", "signed_by").get(pk=climb.pk)
        row.case = case
        rung = ladder.rung(row.rung)
        _signable(row, case, rung)
        _permitted(case, doer, rung, now)
        row.taken_at, row.signed_by, row.post = now, doer.user, doer.root
        if rung.answer is not None:
            row.answer_by = rules.calendar.add(now, rung.answer.value, rung.answer.unit).at
        who = told(rung, case.state, responsibility(case))
        telling = _telling(row, rung, Directory(day_of(now), who.roles))
        active = User.objects.filter(pk__in=telling.people, is_active=True)
        row.told = sorted(active.values_list("name", flat=True))
        row.save()
        tell_all([telling], now=now)
        about = {"rung": row.rung, "key": row.key, "people": row.told, "post": doer.post.pk}
        record("cases.rung_signed", case, about, actor=doer.actor)
    return row


def _signable(climb: Climb, case: Case, rung: Rung) -> None:
    if climb.taken_at is not None:
        by = climb.signed_by.name if climb.signed_by is not None else _("system")
        raise DomainError(
            "cases.rung_taken",
            _("“{rung}” of case {case} was issued already, by {by}.").format(
                rung=rung.title, case=case.code, by=by
            ),
        )
    if case.state in TABLE.ended or (climb.step is not None and climb.step.ended_at is not None):
        raise DomainError(
            "cases.rung_lapsed",
            _("Case {case} has gone on since; “{rung}” is not issued any more.").format(
                rung=rung.title, case=case.code
            ),
        )


def _permitted(case: Case, doer: Doer, rung: Rung, now: datetime) -> None:
    who = standing(case, doer, posts_of(doer, day_of(now)))
    if who.role != rung.signed_by:
        raise DomainError(
            "cases.rung_not_your_role",
            _("“{rung}” is signed by: {role}.").format(
                rung=rung.title, role=ROLES[rung.signed_by].title
            ),
        )
    wrong = ""
    if not who.in_place:
        wrong = "cases.not_your_place"
    elif who.unit != "outside" or not who.apart:
        wrong = "cases.own_unit"
    elif "scored" in who.did:
        wrong = "cases.scored"
    if wrong:
        raise refusals.error(Refusal(wrong), case.code)


# -- what is shown


def of_home() -> Ladder:
    """Return the ladder of this home; its file is read again when it changes."""
    return load(settings.HOME.path)


@dataclass(frozen=True)
class Line:
    """A rung in the story of a case.

    Parameters
    ----------
    waiting
        For a signature.
    lapsed
        It was never signed and is not any more.
    signed_by
        Name; empty: the program issued it, or nobody did.
    """

    pk: int
    code: str
    title: str
    reached_at: datetime
    taken_at: datetime | None
    signed_by: str
    signs: str
    told: tuple[str, ...]
    answer_by: datetime | None
    waiting: bool
    lapsed: bool


def of_case(case: Case) -> list[Line]:
    """Return the rungs a case has reached, in time; one query."""
    rungs = {r.code: r for r in of_home().rungs}
    return [
        _line(c, case, rungs.get(c.rung))
        for c in case.climbs.select_related("step", "signed_by").order_by("reached_at", "pk")
    ]


def _line(climb: Climb, case: Case, rung: Rung | None) -> Line:
    over = case.state in TABLE.ended
    over = over or (climb.step is not None and climb.step.ended_at is not None)
    signs = "" if rung is None or rung.signed_by == SYSTEM else ROLES[rung.signed_by].title
    return Line(
        pk=climb.pk, code=climb.rung, title=climb.rung if rung is None else rung.title,
        reached_at=climb.reached_at, taken_at=climb.taken_at,
        signed_by="" if climb.signed_by is None else climb.signed_by.name, signs=signs,
        told=tuple(climb.told), answer_by=climb.answer_by,
        waiting=climb.taken_at is None and not over, lapsed=climb.taken_at is None and over,
    )  # fmt: skip


def in_force() -> Q:
    """Return the condition that a rung still counts: its stage goes on, or its case does."""
    return Q(step__isnull=False, step__ended_at=None) | (
        Q(step=None) & ~Q(case__state__in=TABLE.ended)
    )


def highest(cases: Collection[int]) -> dict[int, str]:
    """Return what the tickets of cases say: the highest rung issued in the stage they are in."""
    ladder = of_home()
    order = {r.code: n for n, r in enumerate(ladder.rungs)}
    rows = Climb.objects.filter(in_force(), case__in=cases, taken_at__isnull=False)
    best: dict[int, int] = {}
    for case, code in rows.order_by().values_list("case", "rung"):
        if code in order:
            best[case] = max(order[code], best.get(case, -1))
    return {case: _("{rung} issued").format(rung=ladder.rungs[n].title) for case, n in best.items()}


def waiting() -> QuerySet[Climb]:
    """Return the rungs that wait for a signature, the longest reached first."""
    rows = Climb.objects.filter(in_force(), taken_at=None)
    return rows.select_related("case__territory", "case__lead").order_by("reached_at", "pk")
