"""How every action is carried out: lock, judge by the table, write, and log; in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.audit.chain import record
from lantian.web.cases import refusals, telling
from lantian.web.cases.catalogue import ProblemType, Stage
from lantian.web.cases.clocks import Clock, until
from lantian.web.cases.doers import Doer, posts_of, responsibility, signatures, standing
from lantian.web.cases.models import Case, CaseEvent, Signature, Step
from lantian.web.cases.rules import Rules
from lantian.web.cases.table import TABLE, Move, Refusal, Situation, judge

T = TypeVar("T")
_SIGNING = ("sign", "close")
# What a state keeps, and is gone when it is left.
_OF_STATE: Mapping[str, Mapping[str, Any]] = {
    "rectifying": {"extension_until": None},
    "suspended": {"review_on": None},
    "returned": {"proposed_owner_id": None},
    "closed": {"look_back_on": None},
}


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence: what it shows, and the SHA-256 of the file that is kept.

    Parameters
    ----------
    kind
        As the catalogue asks for it, e.g. ``photo_after``.
    digest
        64 hexadecimal digits.
    """

    kind: str
    digest: str
    note: str = ""


@dataclass(frozen=True)
class Given:
    """What somebody gives with an action.

    Parameters
    ----------
    condition
        They state that the condition the catalogue sets is met.
    more
        Which of the other needs of the table are there: ``owner``, ``target`` …
    data
        What the event keeps besides, in JSON.
    """

    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    condition: bool = False
    outcome: str = ""
    more: frozenset[str] = frozenset()
    data: Mapping[str, Any] = field(default_factory=dict)

    def words(self) -> frozenset[str]:
        """Return what is given, in the words of the table."""
        there = {
            "reason": bool(self.reason.strip()),
            "evidence": bool(self.evidence),
            "condition": self.condition,
            "outcome": bool(self.outcome),
        }
        return self.more | {word for word, given in there.items() if given}


@dataclass
class Job:
    """One action under way.

    Parameters
    ----------
    clock
        Of the stage it leads to; None: a new one under the limit of the catalogue.
    changes
        Fields of the case that change beside those every action changes.
    data
        What the event keeps.
    """

    case: Case
    move: Move
    doer: Doer
    rules: Rules
    now: datetime
    given: Given
    problem: ProblemType
    clock: Clock | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


def carry_out(
    name: str,
    case: Case,
    doer: Doer,
    rules: Rules,
    *,
    seen: int,
    now: datetime,
    given: Given,
    then: Callable[[Job], None] | None = None,
) -> Case:
    """Do one action, or nothing.

    Parameters
    ----------
    seen
        Version of the case the person saw.
    then
        Settles what is special to the action, before anything is written.

    Returns
    -------
    Case
        As it is now.

    Raises
    ------
    DomainError
        A refusal of the table, ``cases.changed_meanwhile``, ``cases.post_not_held``, or what
        ``then`` raises.
    """
    with transaction.atomic():
        row = locked(case.pk)
        if row.version != seen:
            raise changed_meanwhile(row, seen)
        move = judged(name, row, doer, day_of(now), given.words())
        problem = rules.problem(row.problem, row.catalogue)
        _sufficient(name, problem, given)
        job = Job(row, move, doer, rules, now, given, problem, data=dict(given.data))
        _settle_outcome(job)
        if then is not None:
            then(job)
        _write(job)
    return row


def locked(key: int) -> Case:
    """Return a case that nobody else changes until the transaction is over.

    On SQLite a transaction is the only writer anyway.

    Raises
    ------
    UnknownNameError
        ``cases.unknown_case``.
    """
    rows = Case.objects.select_for_update(of=("self",)).select_related("source", "territory")
    found = rows.filter(pk=key).first()
    if found is None:
        raise UnknownNameError("cases.unknown_case", _("There is no such case."))
    return found


def judged(name: str, case: Case, doer: Doer, day: date, given: frozenset[str]) -> Move:
    """Return what an action leads to.

    Raises
    ------
    DomainError
        The table refuses it; ``cases.post_not_held``.
    """
    where = situation(case)
    who = standing(case, doer, posts_of(doer, day))
    found = judge(TABLE, name, where, who, given)
    if isinstance(found, Refusal):
        lead = responsibility(case)
        raise refusals.error(found, case.code, "" if lead is None else lead.lead.name)
    return found


def situation(case: Case) -> Situation:
    """Return where a case stands."""
    pending = {
        "extension": case.extension_until is not None,
        "look_back": case.look_back_on is not None,
    }
    return Situation(
        state=case.state,
        serious=case.severity == "serious",
        counts={
            "returns": case.returns,
            "extensions": case.extensions,
            "failures": case.failures,
            "reopenings": case.reopenings,
        },
        signatures=len(signatures(case)),
        pending=frozenset(name for name, there in pending.items() if there),
    )


def changed_meanwhile(case: Case, seen: int) -> DomainError:
    """Return the error that tells somebody what happened since they looked."""
    events = list(case.events.filter(number__gt=seen).order_by("number"))
    told = _("; ").join(
        _("{name} did “{action}” at {time}").format(
            name=e.actor_name,
            action=title_of(e.action),
            time=timezone.localtime(e.at).strftime("%Y-%m-%d %H:%M"),
        )
        for e in events
    )
    return DomainError(
        "cases.changed_meanwhile",
        _(
            "Case {case} has changed since you looked: {told}. Nothing of yours was done; look at "
            "it again."
        ).format(case=case.code, told=told or _("a newer state was not seen")),
        {"case": case.code, "seen": seen, "version": case.version,
         "events": [e.action for e in events]},
    )  # fmt: skip


def title_of(action: str) -> str:
    """Return the name of what an event of a case says was done."""
    if action == "absorb":
        return _("Took over a merged case")
    return TABLE.actions[action].title


def day_of(now: datetime) -> date:
    """Return the local day of a moment."""
    return timezone.localdate(now)


def event_of(
    case: Case, doer: Doer | None, *, action: str, before: str, after: str, now: datetime,
    name: str = "", reason: str = "", data: Mapping[str, Any] | None = None,
) -> CaseEvent:  # fmt: skip
    """Add the next event to a case; ``name`` is the part of the system that acts with no doer."""
    return CaseEvent.objects.create(
        case=case, number=case.version + 1, action=action, before=before, after=after, at=now,
        actor=None if doer is None else doer.user,
        actor_name=name if doer is None else doer.user.name,
        post=None if doer is None else doer.post.pk,
        root_post=None if doer is None else doer.root,
        role="" if doer is None else doer.post.role,
        organisation_id=None if doer is None else doer.post.organisation_id,
        reason=reason.strip(), data=dict(data or {}),
    )  # fmt: skip


def log(kind: str, event: CaseEvent, doer: Doer | None, *, name: str = "") -> None:
    """Write an event of a case into the log and tie the two together."""
    about = {"number": event.number, "before": {"state": event.before},
             "after": {"state": event.after}, "post": event.post, "reason": event.reason,
             **event.data}  # fmt: skip
    logged = record(kind, event.case, about, actor=name if doer is None else doer.actor)
    CaseEvent.objects.filter(pk=event.pk).update(audit=logged.pk)
    event.audit = logged.pk


def begin_step(
    case: Case, problem: ProblemType, rules: Rules, now: datetime, clock: Clock | None = None
) -> None:
    """Start the clock of the stage a case is in, if it has one."""
    if case.state not in TABLE.stages:
        return
    stage = cast(Stage, case.state)
    limit = problem.limits[stage]
    rule = f"{limit.value} {limit.unit}"
    if clock is None:
        clock = rules.clock(problem, stage, now)
        own = case.own_due
        if stage == "rectifying" and own is not None and now < own < clock.due:
            clock, rule = until(rules.calendar, now, own, limit.unit), "own_due"
    Step.objects.create(
        case=case, stage=stage, begun_at=clock.begun, yellow_at=clock.yellow, due_at=clock.due,
        first_due_at=clock.due, provisional=clock.provisional, unit=clock.unit, rule=rule,
    )  # fmt: skip


def save(case: Case, changes: Mapping[str, Any]) -> None:
    """Change fields (by column) of a case whose next event was added; nothing else writes the row.

    Raises
    ------
    DomainError
        ``cases.changed_meanwhile``.
    """
    fields = {**changes, "version": case.version + 1}
    if Case.objects.filter(pk=case.pk, version=case.version).update(**fields) != 1:
        raise changed_meanwhile(locked(case.pk), case.version)
    for name, value in fields.items():
        setattr(case, name, value)


def there(value: T | None, what: str) -> T:
    """Return what the table, or the database, has made sure is there."""
    if value is None:
        message = f"{what} is missing, though the table asks for it."
        raise RuntimeError(message)
    return value


def _settle_outcome(job: Job) -> None:
    choices = job.move.action.outcomes
    if not choices:
        return
    outcome = job.given.outcome or choices[0]
    if outcome not in choices:
        raise InvalidArgumentError(
            "cases.wrong_outcome",
            _("“{action}” cannot end with this outcome. Choose one of: {outcomes}.").format(
                action=job.move.action.title,
                outcomes=_(", ").join(TABLE.outcomes[o].title for o in choices),
            ),
        )
    job.changes["outcome"] = outcome
    job.data["outcome"] = outcome


def _sufficient(name: str, problem: ProblemType, given: Given) -> None:
    """Make sure that the evidence the catalogue asks for is there."""
    for piece in given.evidence:
        if len(piece.digest) != 64 or set(piece.digest) - set("0123456789abcdef"):
            raise InvalidArgumentError(
                "cases.bad_evidence",
                _("{digest} is not the SHA-256 of a file.").format(digest=piece.digest),
            )
    digests = {(e.kind, e.digest) for e in given.evidence}
    for kind, most in problem.evidence.get(name, {}).items():
        there = sum(k == kind for k, _digest in digests)
        if there < most:
            raise DomainError(
                "cases.not_enough_evidence",
                _("“{action}” needs {n} different pieces of {kind}; there are {there}.").format(
                    action=TABLE.actions[name].title, n=most, kind=kind, there=there
                ),
                {"kind": kind, "needed": most, "given": there},
            )


def _write(job: Job) -> None:
    case, action, after = job.case, job.move.action, job.move.state
    before = case.state
    if job.given.evidence:
        job.data["evidence"] = [vars(e) for e in job.given.evidence]
    event = event_of(
        case, job.doer, action=action.code, before=before, after=after, now=job.now,
        reason=job.given.reason, data=job.data,
    )  # fmt: skip
    if after != before:
        ended = Greatest(F("begun_at"), Value(job.now))
        Step.objects.filter(case=case, ended_at=None).update(ended_at=ended)
    signed_round = case.round
    save(case, {**_common(job, before, after), **job.changes})
    if after != before:
        begin_step(case, job.problem, job.rules, job.now, job.clock)
    if action.code in _SIGNING:
        Signature.objects.create(
            case=case, round=signed_round, user=job.doer.user, post=job.doer.root, at=job.now,
            event=event,
        )  # fmt: skip
    telling.after(job, event)
    log(action.event, event, job.doer)


def _common(job: Job, before: str, after: str) -> dict[str, Any]:
    """Return what changes by the table alone."""
    case, action = job.case, job.move.action
    changes: dict[str, Any] = {"state": after}
    if action.counts:
        changes[action.counts] = getattr(case, action.counts) + 1
    if action.new_round:
        changes["round"] = case.round + 1
    if after == before:
        return changes
    changes |= _OF_STATE.get(before, {})
    if after in TABLE.ended:
        changes["ended_at"] = job.now
    elif before in TABLE.ended:
        changes |= {"ended_at": None, "outcome": ""}
    return changes
