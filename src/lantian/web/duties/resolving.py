"""Who answers for a problem: the most specific rule, the units it names, who holds the posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import in_force
from lantian.web.accounts.models import Appointment
from lantian.web.duties import words
from lantian.web.duties.because import because
from lantian.web.duties.choosing import Conditions, Problem, most_specific
from lantian.web.duties.models import Organisation, Rule
from lantian.web.duties.responsibility import Holder, Party, Responsibility
from lantian.web.duties.tree import Node, Tree
from lantian.web.places.models import Territory
from lantian.web.sources.models import Source

LEADER = "leader"


@dataclass(frozen=True)
class Standing(Conditions):
    """A version in force: its conditions, and the row behind them."""

    row: Rule


def in_force_on(day: date) -> QuerySet[Rule]:
    """Return the versions that hold on a day, with what they name."""
    rows = Rule.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day), valid_from__lte=day)
    named = ("territory", "lead", "industry", "leader_of")
    return rows.select_related(*named).prefetch_related("helpers__organisation")


def standing(rows: Iterable[Rule]) -> list[Standing]:
    """Return rules as the choice between them takes them."""
    return [
        Standing(r.territory_id, r.sector, r.source_kind, r.problem_type, row=r) for r in rows
    ]  # fmt: skip


def resolve(
    *,
    territory: Territory,
    sector: str,
    source_kind: str,
    problem_type: str,
    source: int | None,
    on: date,
) -> Responsibility:
    """Return who answers for a problem on a day, by the rules and posts in force then.

    Parameters
    ----------
    sector, source_kind, problem_type
        Codes; empty: not known, then only rules that leave it open hold.
    source
        Id in the source register; the enterprise that runs it becomes a party, too.

    Raises
    ------
    DomainError
        ``duties.no_rule``: none holds; ``duties.overlap``: two equally specific ones do.
    """
    tree = Tree.load()
    above = tree.above(territory.pk)
    problem = Problem(frozenset(n.id for n in above), sector, source_kind, problem_type)
    best, others = most_specific(standing(in_force_on(on)), problem, tree.nodes)
    if not best:
        raise _no_rule(territory, problem)
    if len(best) > 1:
        raise _overlap([s.row for s in best], territory)
    rule = best[0].row
    operator = _operator(source)
    found = _Posts(rule, operator, above, sector, on)
    made = Responsibility(
        rule=str(rule),
        lead=found.party(rule.lead),
        industry=None if rule.industry is None else found.party(rule.industry),
        supporting=tuple(found.party(h.organisation) for h in rule.helpers.all()),
        leader=found.leader(),
        grid=found.grid(),
        because=(),
        subject=None if operator is None else found.party(operator),
    )
    return because(made, rule, [s.row for s in others], problem, above)


class _Posts:
    """The posts in force that matter for one problem, the nearer ones first; one query."""

    def __init__(
        self,
        rule: Rule,
        operator: Organisation | None,
        above: Sequence[Node],
        sector: str,
        on: date,
    ) -> None:
        named = (rule.lead, rule.industry, rule.leader_of, operator)
        units = {u.pk for u in named if u is not None}
        units |= {h.organisation_id for h in rule.helpers.all()}
        wanted = Q(organisation__in=units)
        if rule.grid:
            wanted |= Q(role=rule.grid)
        distance = {n.id: i for i, n in enumerate(above)}
        here = Q(territory__isnull=True) | Q(territory__in=distance)
        rows = in_force(
            Appointment.objects.filter(wanted, here, sector__in=["", sector], user__is_active=True),
            on,
        ).select_related("user")
        self._rule = rule
        self._rows: list[Appointment] = sorted(
            rows,
            key=lambda p: (
                len(above) if p.territory_id is None else distance[p.territory_id],
                p.sector == "",
                p.deputy_for_id is not None,
                p.pk,
            ),
        )

    def party(self, unit: Organisation) -> Party:
        """Return a unit with all who hold its posts for the place and the sector."""
        own = [p for p in self._rows if p.organisation_id == unit.pk]
        return Party(unit.pk, unit.name, tuple(_holder(p) for p in own))

    def leader(self) -> Holder | None:
        """Return the leader in charge; None: the rule names no post, or nobody holds it."""
        if self._rule.leader_of_id is None:
            return None
        own = [p for p in self._rows if p.organisation_id == self._rule.leader_of_id]
        return _first(p for p in own if p.role == LEADER)

    def grid(self) -> Holder | None:
        """Return who has the duty on the ground: the holder for the nearest territory."""
        if not self._rule.grid:
            return None
        return _first(p for p in self._rows if p.role == self._rule.grid)


def _holder(post: Appointment) -> Holder:
    return Holder(
        post=post.pk, user=post.user_id, name=post.user.name, role=post.role,
        deputy=post.deputy_for_id is not None,
    )  # fmt: skip


def _first(posts: Iterable[Appointment]) -> Holder | None:
    return next((_holder(p) for p in posts), None)


def _operator(source: int | None) -> Organisation | None:
    """Return the enterprise that runs a source; None: none is entered for it."""
    if source is None:
        return None
    row = Source.objects.select_related("organisation").filter(pk=source).first()
    found: Organisation | None = None if row is None else row.organisation
    return found


def _no_rule(territory: Territory, problem: Problem) -> DomainError:
    return DomainError(
        "duties.no_rule",
        _(
            "No rule of the responsibility matrix holds for {territory}, sector {sector}, source "
            "{kind}, problem {type}. Add one under Duties, or correct what the problem is said to "
            "be."
        ).format(
            territory=territory.name,
            sector=words.sector_word(problem.sector),
            kind=words.source_kind_word(problem.source_kind),
            type=words.problem_type_word(problem.problem_type),
        ),
        {
            "territory": territory.code, "sector": problem.sector,
            "source_kind": problem.source_kind, "problem_type": problem.problem_type,
        },
    )  # fmt: skip


def _overlap(rows: Sequence[Rule], territory: Territory) -> DomainError:
    rules = [str(r) for r in rows]
    return DomainError(
        "duties.overlap",
        _(
            "The responsibility matrix says two things for {territory}: {rules} are equally "
            "specific. End one of them under Duties, or make one more specific."
        ).format(territory=territory.name, rules=", ".join(rules)),
        {"rules": rules, "territory": territory.code},
    )
