"""Giving a case to those who answer for it, and what they may do but put it right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.cases.actions.acting import Given, Job, carry_out, day_of, there
from lantian.web.cases.doers import Doer, responsibility
from lantian.web.cases.models import Case, CaseParty, Part
from lantian.web.cases.rules import Rules
from lantian.web.duties.models import Organisation
from lantian.web.duties.responsibility import Holder, Party, Responsibility

ARBITRATED = "arbitrated"


def dispatch(case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime) -> Case:
    """Give a case to whom the matrix names; who that is stays on the case as it is today.

    Raises
    ------
    DomainError
        ``duties.no_rule``, ``duties.overlap``.
    """

    def then(job: Job) -> None:
        source = job.case.source
        found = rules.resolve(
            territory=job.case.territory,
            sector=job.problem.sector if source is None else source.sector,
            source_kind="" if source is None else source.kind,
            problem_type=job.problem.code,
            source=job.case.source_id,
            on=day_of(now),
        )
        _assign(job, found)

    return carry_out("dispatch", case, doer, rules, seen=seen, now=now, given=Given(), then=then)


def withdraw(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str
) -> Case:
    """Take a mistaken dispatch back before it was accepted."""

    def then(job: Job) -> None:
        job.data["responsibility"] = job.case.responsibility
        job.changes |= {"responsibility": None, "dispatched_by_id": None, "lead_id": None}
        CaseParty.objects.filter(case=job.case).delete()

    given = Given(reason=reason)
    return carry_out("withdraw", case, doer, rules, seen=seen, now=now, given=given, then=then)


def accept(case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime) -> Case:
    """Accept a case for the unit that answers for it."""
    return carry_out("accept", case, doer, rules, seen=seen, now=now, given=Given())


def return_case(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str,
    owner: Organisation | None,
) -> Case:  # fmt: skip
    """Send a case back: it is somebody else's, who is named; an arbiter decides.

    Raises
    ------
    InvalidArgumentError
        ``cases.same_owner``, ``cases.owner_ended``.
    """

    def then(job: Job) -> None:
        unit = _other(job, owner)
        job.changes["proposed_owner_id"] = unit.pk
        job.data["owner"] = {"organisation": unit.pk, "name": unit.name}

    given = Given(reason=reason, more=frozenset({"owner"} if owner is not None else ()))
    return carry_out("return", case, doer, rules, seen=seen, now=now, given=given, then=then)


def uphold(case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str) -> Case:
    """Decide that a returned case stays with the unit that returned it."""
    given = Given(reason=reason)
    return carry_out("uphold", case, doer, rules, seen=seen, now=now, given=given)


def reassign(
    case: Case, doer: Doer, rules: Rules, *, seen: int, now: datetime, reason: str,
    owner: Organisation | None,
) -> Case:  # fmt: skip
    """Decide that a returned case goes to another unit.

    Raises
    ------
    InvalidArgumentError
        ``cases.same_owner``, ``cases.owner_ended``.
    """

    def then(job: Job) -> None:
        unit = _other(job, owner)
        found = there(responsibility(job.case), "the responsibility")
        lead = _party(unit, job)
        _assign(
            job,
            replace(
                found,
                rule=ARBITRATED,
                lead=lead,
                industry=None
                if found.industry is None or found.industry.organisation == unit.pk
                else found.industry,
                supporting=tuple(p for p in found.supporting if p.organisation != unit.pk),
                because=(*found.because, f"{doer.user.name}裁定改派{unit.name}：{reason.strip()}"),
                because_en=(
                    *found.because_en,
                    f"{doer.user.name} decided for {unit.name}: {reason.strip()}",
                ),
            ),
        )

    given = Given(reason=reason, more=frozenset({"owner"} if owner is not None else ()))
    return carry_out("reassign", case, doer, rules, seen=seen, now=now, given=given, then=then)


def _assign(job: Job, found: Responsibility) -> None:
    record = found.as_record()
    lead = found.lead.organisation
    given = {"responsibility": record, "dispatched_by_id": job.doer.user.pk, "lead_id": lead}
    job.changes |= given
    job.data["responsibility"] = record
    CaseParty.objects.filter(case=job.case).delete()
    CaseParty.objects.bulk_create(
        CaseParty(case=job.case, organisation_id=organisation, part=part)
        for organisation, part in _parts(found).items()
    )


def _parts(found: Responsibility) -> dict[int, Part]:
    """Return as what each unit takes part."""
    named = [(p, Part.SUPPORTING) for p in found.supporting]
    named += [(p, Part.SUBJECT) for p in (found.subject,) if p is not None]
    named += [(p, Part.INDUSTRY) for p in (found.industry,) if p is not None]
    # a unit named several times stands as the first of lead, industry, subject, supporting
    return {p.organisation: part for p, part in (*named, (found.lead, Part.LEAD))}


def _other(job: Job, proposed: Organisation | None) -> Organisation:
    """Return the unit proposed, which must be another and exist on the day."""
    owner = there(proposed, "the unit proposed")
    found = responsibility(job.case)
    if found is not None and found.lead.organisation == owner.pk:
        raise InvalidArgumentError(
            "cases.same_owner",
            _("Case {case} is with {unit} already; name another unit.").format(
                case=job.case.code, unit=owner.name
            ),
        )
    day = day_of(job.now)
    if owner.valid_from > day or (owner.valid_to is not None and owner.valid_to < day):
        raise InvalidArgumentError(
            "cases.owner_ended",
            _("{unit} does not exist on {day}; name another unit.").format(
                unit=owner.name, day=day.isoformat()
            ),
        )
    return owner


def _party(unit: Organisation, job: Job) -> Party:
    """Return a unit with all who hold its posts on the day."""
    posts = in_force(Appointment.objects.filter(organisation=unit), day_of(job.now))
    rows = posts.filter(user__is_active=True).select_related("user").order_by("pk")
    holders = tuple(
        Holder(
            post=p.pk, user=p.user_id, name=p.user.name, role=p.role,
            deputy=p.deputy_for_id is not None,
        )
        for p in rows
    )  # fmt: skip
    return Party(organisation=unit.pk, name=unit.name, holders=holders)
