"""Making rules of the matrix, following them by new versions, and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import Q

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.i18n import gettext as _
from lantian.web.air.actions import permit
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.duties import words
from lantian.web.duties.actions.organisations import MANAGE
from lantian.web.duties.models import GridRole, Organisation, Rule, Supporting
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory

_REASON = 400


@dataclass(frozen=True)
class Draft:
    """What a rule says: its conditions, who answers, and why it was made so.

    Conditions that are None or empty hold for any. ``grid`` is a role of
    :class:`~lantian.web.duties.models.GridRole`.
    """

    lead: Organisation
    reason: str
    territory: Territory | None = None
    sector: str = ""
    source_kind: str = ""
    problem_type: str = ""
    industry: Organisation | None = None
    supporting: tuple[Organisation, ...] = ()
    leader_of: Organisation | None = None
    grid: str = ""


def make_rule(by: Actor, draft: Draft, *, valid_from: date, today: date) -> Rule:
    """Make a rule that holds from a day on.

    Raises
    ------
    UnknownNameError
        ``duties.unknown_condition``.
    InvalidArgumentError
        ``duties.no_reason``, ``duties.past_day``, ``duties.unit_not_there``,
        ``duties.unit_twice``.
    DomainError
        ``duties.rule_exists``: another rule has the same conditions on some of these days.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        made = _write(_next_number(), 1, draft, valid_from, today)
        record("duties.rule_made", made, {"after": told(made)}, actor=by)
    return made


def follow_rule(by: Actor, rule: Rule, draft: Draft, *, valid_from: date, today: date) -> Rule:
    """Let a new version of a rule hold from a day on, and the one before until then.

    Returns the version that stands as it is where the draft says the same.

    Raises
    ------
    InvalidArgumentError
        ``duties.rule_ended``, and as for making one.
    DomainError
        ``duties.rule_exists``.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        row = _open(rule)
        if draft_of(row) == replace(draft, reason=" ".join(draft.reason.split())):
            return row
        _not_before(row, valid_from, today)
        before = told(row)
        row.ended_on = valid_from
        row.save(update_fields=["ended_on"])
        made = _write(row.number, row.version + 1, draft, valid_from, today)
        record("duties.rule_followed", made, {"before": before, "after": told(made)}, actor=by)
    return made


def end_rule(by: Actor, rule: Rule, *, ended_on: date, today: date) -> None:
    """End a rule: from ``ended_on`` on it does not hold any more.

    Raises
    ------
    InvalidArgumentError
        ``duties.rule_ended``, ``duties.past_day``.
    """
    permit(by, MANAGE)
    with transaction.atomic():
        row = _open(rule)
        _not_before(row, ended_on, today)
        row.ended_on = ended_on
        row.save(update_fields=["ended_on"])
        about = {"before": told(row), "ended_on": ended_on.isoformat()}
        record("duties.rule_ended", row, about, actor=by)


def draft_of(rule: Rule) -> Draft:
    """Return what a version says."""
    return Draft(
        lead=rule.lead, reason=rule.reason, territory=rule.territory, sector=rule.sector,
        source_kind=rule.source_kind, problem_type=rule.problem_type, industry=rule.industry,
        supporting=tuple(h.organisation for h in rule.helpers.all()), leader_of=rule.leader_of,
        grid=rule.grid,
    )  # fmt: skip


def told(rule: Rule) -> dict[str, object]:
    """Return what the log keeps of a version."""
    return {
        "rule": str(rule),
        "territory": None if rule.territory is None else rule.territory.code,
        "sector": rule.sector,
        "source_kind": rule.source_kind,
        "problem_type": rule.problem_type,
        "lead": rule.lead.code,
        "industry": None if rule.industry is None else rule.industry.code,
        "supporting": [h.organisation.code for h in rule.helpers.select_related("organisation")],
        "leader_of": None if rule.leader_of is None else rule.leader_of.code,
        "grid": rule.grid,
        "reason": rule.reason,
        "from": rule.valid_from.isoformat(),
    }


def _open(rule: Rule) -> Rule:
    """Return the last version of a rule, held for the transaction."""
    row = Rule.objects.select_for_update().filter(number=rule.number).order_by("-version").first()
    if row is None or row.ended_on is not None or row.version != rule.version:
        raise InvalidArgumentError(
            "duties.rule_ended",
            _(
                "{rule} was ended or followed by another version meanwhile. Look at the rule again."
            ).format(rule=rule),
        )
    return row


def _not_before(row: Rule, day: date, today: date) -> None:
    earliest = max(today, row.valid_from)
    if day < earliest:
        raise InvalidArgumentError(
            "duties.past_day",
            _("{rule} held until now; it can change from {day} on.").format(
                rule=row, day=earliest.isoformat()
            ),
        )


def _write(number: str, version: int, draft: Draft, valid_from: date, today: date) -> Rule:
    _check(draft, valid_from, today)
    _not_twice(number, draft, valid_from)
    made = Rule.objects.create(
        number=number, version=version, territory=draft.territory, sector=draft.sector,
        source_kind=draft.source_kind, problem_type=draft.problem_type, lead=draft.lead,
        industry=draft.industry, leader_of=draft.leader_of, grid=draft.grid,
        reason=" ".join(draft.reason.split()), valid_from=valid_from,
    )  # fmt: skip
    Supporting.objects.bulk_create(
        Supporting(rule=made, organisation=unit, place=n) for n, unit in enumerate(draft.supporting)
    )
    return made


def _check(draft: Draft, valid_from: date, today: date) -> None:
    if valid_from < today:
        raise InvalidArgumentError(
            "duties.past_day",
            _("A rule cannot begin in the past: cases of those days were dispatched without it."),
        )
    if not draft.reason.strip() or len(draft.reason) > _REASON:
        raise InvalidArgumentError(
            "duties.no_reason",
            _(
                "Say in at most {n} characters on what the rule rests: the document and its number."
            ).format(n=_REASON),
        )
    for code, known in (
        (draft.sector, SECTORS), (draft.source_kind, dict(words.source_kinds())),
        (draft.problem_type, dict(words.problem_types())), (draft.grid, GridRole.values),
    ):  # fmt: skip
        if code and code not in known:
            raise UnknownNameError(
                "duties.unknown_condition",
                _("“{code}” is no sector, kind of source, problem type or role of a rule.").format(
                    code=code
                ),
            )
    units = _units(draft)
    for unit in units:
        if unit.valid_from > valid_from or (unit.valid_to is not None):
            raise InvalidArgumentError(
                "duties.unit_not_there",
                _("{name} is not there without an end from {day} on; name another unit.").format(
                    name=unit.name, day=valid_from.isoformat()
                ),
            )
    parties = [draft.lead, *draft.supporting]
    if draft.industry is not None and draft.industry != draft.lead:
        parties.append(draft.industry)
    if len({u.pk for u in parties}) != len(parties):
        raise InvalidArgumentError(
            "duties.unit_twice",
            _("A unit that leads or manages the industry need not be named as helping, too."),
        )


def _units(draft: Draft) -> Sequence[Organisation]:
    named = (draft.lead, draft.industry, draft.leader_of, *draft.supporting)
    return [u for u in named if u is not None]


def _not_twice(number: str, draft: Draft, valid_from: date) -> None:
    same = Rule.objects.filter(
        Q(ended_on__isnull=True) | Q(ended_on__gt=valid_from),
        territory=draft.territory, sector=draft.sector, source_kind=draft.source_kind,
        problem_type=draft.problem_type,
    ).exclude(number=number)  # fmt: skip
    other = same.first()
    if other is not None:
        raise DomainError(
            "duties.rule_exists",
            _(
                "{rule} holds for the same territory, sector, kind of source and problem type. "
                "Follow it by a new version, or end it first."
            ).format(rule=other),
            {"rule": str(other)},
        )


def _next_number() -> str:
    """Return a number that was never given; who makes two at once is told by the database."""
    numbers = Rule.objects.select_for_update().values_list("number", flat=True)
    return f"R-{max((int(n.removeprefix('R-')) for n in numbers), default=0) + 1:03d}"
