"""Putting a problem right: progress, more time, suspension, and saying that it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.cases.actions.acting import Evidence, Given, Job, carry_out, day_of, there
from lantian.web.cases.clocks import Clock, extended_until, resumed
from lantian.web.cases.doers import Doer
from lantian.web.cases.models import Case, Step
from lantian.web.cases.rules import Rules

_YEARS = 10  # of more time at most; working time is counted day by day


def report(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, text: str,
    evidence: Sequence[Evidence] = (),
) -> Case:  # fmt: skip
    """Say how far it has come."""
    given = Given(reason=text, evidence=tuple(evidence))
    return carry_out("report", case, doer, rules, seen=seen, now=now, given=given)


def finish(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime,
    evidence: Sequence[Evidence], text: str = "",
) -> Case:  # fmt: skip
    """Say that it is put right, with the evidence the catalogue asks for."""
    given = Given(reason=text, evidence=tuple(evidence))
    return carry_out("finish", case, doer, rules, seen=seen, now=now, given=given)


def ask_extension(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str,
    until: datetime | None,
) -> Case:  # fmt: skip
    """Ask for more time.

    Raises
    ------
    DomainError
        ``cases.not_later``: than it is due already; ``cases.until_past``; ``cases.beyond_order``:
        later than the authority above allows.
    """

    def then(job: Job) -> None:
        wanted = there(until, "the date")
        _extended(job, wanted)
        job.changes["extension_until"] = wanted
        job.data["until"] = wanted.isoformat()

    given = Given(reason=reason, more=frozenset({"until"} if until is not None else ()))
    return carry_out("ask_extension", case, doer, rules, seen=seen, now=now, given=given, then=then)


def grant_extension(case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime) -> Case:
    """Grant the time that was asked for; what was due before stays on the step."""

    def then(job: Job) -> None:
        until = there(job.case.extension_until, "the date asked for")
        clock = _extended(job, until)
        Step.objects.filter(case=job.case, ended_at=None).update(
            due_at=clock.due, yellow_at=clock.yellow, provisional=clock.provisional
        )
        job.changes["extension_until"] = None
        job.data["until"] = until.isoformat()

    return carry_out(
        "grant_extension", case, doer, rules, seen=seen, now=now, given=Given(), then=then
    )


def refuse_extension(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str
) -> Case:
    """Refuse the time that was asked for."""

    def then(job: Job) -> None:
        job.changes["extension_until"] = None

    given = Given(reason=reason)
    return carry_out(
        "refuse_extension", case, doer, rules, seen=seen, now=now, given=given, then=then
    )


def suspend(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str,
    review_on: date | None,
) -> Case:  # fmt: skip
    """Put a case aside that cannot be put right for now, until a day on which it is reviewed.

    Raises
    ------
    InvalidArgumentError
        ``cases.review_past``.
    """

    def then(job: Job) -> None:
        day = there(review_on, "the day of the review")
        if day <= day_of(now):
            raise InvalidArgumentError(
                "cases.review_past", _("The day of the review must lie in the future.")
            )
        job.changes["review_on"] = day
        job.data["review_on"] = day.isoformat()

    given = Given(reason=reason, more=frozenset({"review_on"} if review_on is not None else ()))
    return carry_out("suspend", case, doer, rules, seen=seen, now=now, given=given, then=then)


def resume(case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str) -> Case:
    """Take a suspended case up again; the time that was left then is left now."""

    def then(job: Job) -> None:
        stopped = Step.objects.filter(case=job.case, stage="rectifying").latest("pk")
        ended = there(stopped.ended_at, "the end of the stage")
        job.clock = resumed(rules.calendar, stopped.clock(), ended, max(now, ended))

    given = Given(reason=reason)
    return carry_out("resume", case, doer, rules, seen=seen, now=now, given=given, then=then)


def _extended(job: Job, until: datetime) -> Clock:
    """Return the running clock with a later deadline that somebody can still keep."""
    step = Step.objects.get(case=job.case, ended_at=None)
    if until.year > job.now.year + _YEARS:
        raise InvalidArgumentError(
            "cases.until_too_far",
            _("{until} is too far; ask for {years} years at most.").format(
                until=_written(until), years=_YEARS
            ),
        )
    clock = extended_until(job.rules.calendar, step.clock(), until)
    if until <= job.now:
        raise InvalidArgumentError(
            "cases.until_past",
            _("{until} is past; ask for time that is still to come.").format(until=_written(until)),
        )
    above = job.case.external_due
    if above is not None and until > above:
        raise InvalidArgumentError(
            "cases.beyond_order",
            _("The authority above wants case {case} done by {due}; no later.").format(
                case=job.case.code, due=_written(above)
            ),
        )
    return clock


def _written(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
