"""What the pages of duties show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.duties import gaps, words
from lantian.web.duties.models import Organisation, Rule
from lantian.web.duties.resolving import LEADER, in_force_on, standing
from lantian.web.duties.sectors import SECTORS
from lantian.web.duties.tree import Tree

PAGE = 100
STATES = ("now", "later", "past", "all")


@dataclass(frozen=True)
class RuleFilter:
    """Which rules a list shows; the defaults show all that hold now."""

    text: str = ""
    territory: int | None = None
    sector: str = ""
    source_kind: str = ""
    unit: int | None = None
    state: str = "now"


@dataclass(frozen=True)
class OrganisationFilter:
    """Which organisations a list shows; the defaults show all that are there now."""

    text: str = ""
    kind: str = ""
    territory: int | None = None
    state: str = "now"


@dataclass(frozen=True)
class Vacancy:
    """A post that rules count on and nobody holds.

    Parameters
    ----------
    leader
        Whether it is the leader's post; else any post of the unit.
    rules
        Numbers of the rules.
    """

    unit: Organisation
    leader: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two rules that are equally specific somewhere, as rows."""

    first: Rule
    second: Rule
    about: gaps.Overlap


@dataclass(frozen=True)
class Examined:
    """The matrix of a day, looked through."""

    rules: int
    combinations: int
    missing: int
    gaps: Sequence[gaps.Gap]
    overlaps: Sequence[Pair]
    vacancies: Sequence[Vacancy]


def rules(chosen: RuleFilter, today: date) -> QuerySet[Rule]:
    """Return the rules of a filter, in the order of their numbers."""
    if chosen.state == "now":
        found = in_force_on(today)
    else:
        found = Rule.objects.select_related(
            "territory", "lead", "industry", "leader_of"
        ).prefetch_related("helpers__organisation")
        if chosen.state == "later":
            found = found.filter(valid_from__gt=today).exclude(ended_on__lte=today)
        elif chosen.state == "past":
            found = found.filter(ended_on__lte=today)
    if chosen.territory is not None:
        found = found.filter(territory=chosen.territory)
    if chosen.sector:
        found = found.filter(sector=chosen.sector)
    if chosen.source_kind:
        found = found.filter(source_kind=chosen.source_kind)
    if chosen.unit is not None:
        found = found.filter(
            Q(lead=chosen.unit) | Q(industry=chosen.unit) | Q(leader_of=chosen.unit)
            | Q(pk__in=Rule.objects.filter(helpers__organisation=chosen.unit).values("pk"))
        )  # fmt: skip
    if chosen.text:
        named = Q(number__icontains=chosen.text) | Q(reason__icontains=chosen.text)
        found = found.filter(named | Q(lead__name__icontains=chosen.text))
    return found.order_by("number", "version")


def organisations(chosen: OrganisationFilter, today: date) -> QuerySet[Organisation]:
    """Return the organisations of a filter, in the order of their codes."""
    found = Organisation.objects.select_related("territory", "parent")
    over = Q(valid_to__isnull=False, valid_to__lt=today)
    if chosen.state == "now":
        found = found.exclude(over).filter(valid_from__lte=today)
    elif chosen.state == "later":
        found = found.filter(valid_from__gt=today)
    elif chosen.state == "past":
        found = found.filter(over)
    if chosen.kind:
        found = found.filter(kind=chosen.kind)
    if chosen.territory is not None:
        found = found.filter(territory=chosen.territory)
    if chosen.text:
        found = found.filter(
            Q(name__icontains=chosen.text) | Q(code__icontains=chosen.text)
            | Q(credit_code__icontains=chosen.text)
        )  # fmt: skip
    return found.order_by("code")


def posts_by_unit(units: Sequence[Organisation], today: date) -> Mapping[int, int]:
    """Return how many posts in force each unit has, by id."""
    rows = in_force(Appointment.objects.filter(organisation__in=units), today)
    return Counter(rows.values_list("organisation_id", flat=True))


def posts_of(unit: Organisation, today: date) -> list[Appointment]:
    """Return the posts in force of a unit."""
    rows = in_force(Appointment.objects.filter(organisation=unit), today)
    named = rows.select_related("user", "territory", "deputy_for__user", "organisation")
    return list(named.order_by("role", "pk"))


def examine(today: date) -> Examined:
    """Return the gaps, overlaps and vacant posts of the rules in force on a day."""
    rows = list(in_force_on(today))
    kinds = [code for code, _title in words.source_kinds()]
    found = gaps.look(standing(rows), Tree.load().nodes, list(SECTORS), kinds)
    pairs = [Pair(rows[o.first], rows[o.second], o) for o in found.overlaps]
    return Examined(
        len(rows), found.combinations, found.missing, found.gaps, pairs, _vacant(rows, today)
    )  # fmt: skip


def _vacant(rows: Sequence[Rule], today: date) -> list[Vacancy]:
    posts = in_force(Appointment.objects.filter(organisation__isnull=False), today)
    held = set(posts.filter(user__is_active=True).values_list("organisation_id", "role"))
    manned = {unit for unit, _role in held}
    missing: dict[tuple[int, bool], tuple[Organisation, list[str]]] = {}

    def miss(unit: Organisation, rule: Rule, *, leader: bool) -> None:
        missing.setdefault((unit.pk, leader), (unit, []))[1].append(rule.number)

    for rule in rows:
        named = [rule.lead, rule.industry, *(h.organisation for h in rule.helpers.all())]
        for unit in {u.pk: u for u in named if u is not None}.values():
            if unit.pk not in manned:
                miss(unit, rule, leader=False)
        if rule.leader_of is not None and (rule.leader_of_id, LEADER) not in held:
            miss(rule.leader_of, rule, leader=True)
    return [
        Vacancy(unit, leader, tuple(numbers))
        for (_pk, leader), (unit, numbers) in sorted(
            missing.items(), key=lambda item: (item[1][0].code, item[0][1])
        )
    ]


def last_day(rule: Rule) -> date | None:
    """Return the last day a version holds; None: it has no end.

    A version replaced on its first day never held: its last day is before its first.
    """
    return None if rule.ended_on is None else rule.ended_on - timedelta(days=1)
