"""Judging what was put right: re-inspection, signatures, closing, looking back, and void."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from lantian.web.cases.actions.acting import Evidence, Given, Job, carry_out
from lantian.web.cases.doers import Doer
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Rules


def pass_reinspection(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime,
    evidence: Sequence[Evidence], finding: str = "",
) -> Case:  # fmt: skip
    """Find on site that it is put right."""
    given = Given(reason=finding, evidence=tuple(evidence))
    return carry_out("pass", case, doer, rules, seen=seen, now=now, given=given)


def fail_reinspection(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime,
    evidence: Sequence[Evidence], finding: str,
) -> Case:  # fmt: skip
    """Find on site that it is not put right: back, and counted."""
    given = Given(reason=finding, evidence=tuple(evidence))
    return carry_out("fail", case, doer, rules, seen=seen, now=now, given=given)


def sign(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, condition: bool
) -> Case:
    """Put the first name under the closing of a serious case."""
    given = Given(condition=condition)
    return carry_out("sign", case, doer, rules, seen=seen, now=now, given=given)


def close(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, condition: bool,
    outcome: str, remark: str = "",
) -> Case:  # fmt: skip
    """Close a case; the catalogue says when it is looked at again."""

    def then(job: Job) -> None:
        zone = timezone.get_default_timezone()
        job.changes["look_back_on"] = job.rules.look_back_on(job.problem, now, zone)

    given = Given(reason=remark, condition=condition, outcome=outcome)
    return carry_out("close", case, doer, rules, seen=seen, now=now, given=given, then=then)


def refuse_close(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str
) -> Case:
    """Do not close a case but have it re-inspected again; signatures given so far are void."""
    given = Given(reason=reason)
    return carry_out("refuse_close", case, doer, rules, seen=seen, now=now, given=given)


def void(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str, outcome: str
) -> Case:
    """Declare void a case that should not be there."""
    given = Given(reason=reason, outcome=outcome)
    return carry_out("void", case, doer, rules, seen=seen, now=now, given=given)


def look_back(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime,
    evidence: Sequence[Evidence], finding: str = "",
) -> Case:  # fmt: skip
    """Find that a closed case has stayed so."""

    def then(job: Job) -> None:
        job.changes["look_back_on"] = None

    given = Given(reason=finding, evidence=tuple(evidence))
    return carry_out("look_back", case, doer, rules, seen=seen, now=now, given=given, then=then)


def relapse(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime,
    evidence: Sequence[Evidence], finding: str,
) -> Case:  # fmt: skip
    """Find a closed case relapsed: it is opened again with those who answered for it."""

    def then(job: Job) -> None:
        job.data |= {"outcome_before": job.case.outcome, "closed_at": _iso(job.case.ended_at)}

    given = Given(reason=finding, evidence=tuple(evidence))
    return carry_out("relapse", case, doer, rules, seen=seen, now=now, given=given, then=then)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
