"""What the page of a case shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import LABELS
from lantian.web.accounts.access import access
from lantian.web.accounts.roles import ROLES
from lantian.web.air.queries import boundaries
from lantian.web.cases import around, case_figures, ladder, queries, steps, story
from lantian.web.cases.around import Series, Span, Station
from lantian.web.cases.catalogue import ProblemType
from lantian.web.cases.doers import responsibility
from lantian.web.cases.indicators import load
from lantian.web.cases.models import Case
from lantian.web.cases.models.history import Step
from lantian.web.cases.queries import Duplicate
from lantian.web.cases.reach import Reach, reach
from lantian.web.cases.rows import Row, row_of, rows_of, with_clock
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.story import Line, Story
from lantian.web.cases.table import TABLE
from lantian.web.core.formats import with_query
from lantian.web.duties.responsibility import Holder, Party, Responsibility
from lantian.web.evidence import flags
from lantian.web.evidence import queries as evidence
from lantian.web.evidence.flags import Known
from lantian.web.evidence.queries import Piece

_HEAD, _TAIL = 4, 12  # lines of a long story that are not folded
_CHILDREN = 200


@dataclass(frozen=True)
class Answering:
    """One who answers: as what, which unit or person, who holds its posts."""

    part: str
    name: str
    people: str


@dataclass(frozen=True)
class Related:
    """Cases this one has to do with, as far as the person sees them; ``metres`` of a duplicate."""

    parent: Row | None
    into: Row | None
    sweep: Sequence[Row]
    merged: Sequence[Row]
    duplicates: Sequence[tuple[Row, Duplicate]]


@dataclass(frozen=True)
class Page:
    """Everything on the page of a case."""

    row: Row
    story: Story
    lines: Sequence[Line]
    stages: Sequence[steps.Stage]
    problem: ProblemType
    found: Responsibility | None
    pieces: Sequence[Piece]
    known: Mapping[flags.Key, Known]
    related: Related
    near: Sequence[Station]
    air: Series | None

    @property
    def case(self) -> Case:
        """Return the case itself."""
        return self.row.case

    @property
    def folded(self) -> tuple[Sequence[Line], Sequence[Line], Sequence[Line]]:
        """Return the lines shown first, those folded away, and the last ones."""
        if len(self.lines) <= _HEAD + _TAIL + 2:
            return self.lines, (), ()
        return self.lines[:_HEAD], self.lines[_HEAD:-_TAIL], self.lines[-_TAIL:]

    @property
    def before(self) -> list[Piece]:
        """Return the pictures that show the place as it was."""
        return [p for p in self.pieces if p.is_picture and p.kind == "photo_before"]

    @property
    def after(self) -> list[Piece]:
        """Return the pictures that show the place as it was put right, and as it was found then."""
        return [p for p in self.pieces if p.is_picture and p.kind != "photo_before"]

    @property
    def pair(self) -> tuple[Piece, Piece] | None:
        """Return the newest picture before and the newest after, to be laid over each other."""
        after = [p for p in self.after if p.kind == "photo_after"]
        return (self.before[-1], after[-1]) if self.before and after else None

    def known_of(self, piece: Piece) -> Known | None:
        """Return what is known of a photograph; None: it is none, or not kept."""
        return self.known.get(flags.key_of(piece))

    @property
    def flagged(self) -> int:
        """Return how many photographs are flagged."""
        return sum(one.flagged for one in self.known.values())

    @property
    def papers(self) -> list[Piece]:
        """Return what is no picture, or is not kept."""
        return [p for p in self.pieces if not p.is_picture]

    @property
    def running(self) -> Step | None:
        """Return the stage whose clock runs."""
        return next((s for s in self.story.steps if s.ended_at is None), None)

    @property
    def on_time(self) -> bool | None:
        """Say whether a closed case was closed on time; None: it is not closed."""
        return steps.on_time(self.story.steps) if self.case.state == "closed" else None

    def map(self) -> str | None:
        """Return the map; None: it lies nowhere."""
        here = around.position(self.case)
        if here is None:
            return None
        near = self.near[:3]
        air, _until = around.newest(near)
        return case_figures.case_map(
            here,
            source=self.case.source,
            near=near,
            air=air,
            others=self._spots(),
            areas=boundaries.areas(),
            name=self.row.code,
        )

    def _spots(self) -> list[case_figures.Spot]:
        told = [(r, _("check of similar sources")) for r in self.related.sweep]
        told += [(r, _("merged")) for r in self.related.merged]
        told += [(r, _("possible duplicate")) for r, _d in self.related.duplicates]
        if self.related.parent is not None:
            told.append((self.related.parent, _("case this check comes from")))
        found = []
        for row, what in told:
            at = around.position(row.case)
            if at is not None:
                said = f"{what} · {row.state_title}"
                found.append(case_figures.Spot(*at, row.code, said, row.url))
        return found


def page(request: HttpRequest, code: str, now: datetime) -> Page:
    """Return everything about a case the person sees.

    Raises
    ------
    Http404
        There is none, or the person does not see it.
    """
    mine = reach(request)
    one = mine.case(code)
    by = rules()
    row = row_of(with_clock(Case.objects.filter(pk=one.pk).select_related(
        "territory", "source", "lead", "proposed_owner", "dispatched_by"
    )).get(), now, by)  # fmt: skip
    case = row.case
    told = story.of_case(case, mine.cases())
    today = timezone.localdate(now)
    pieces = evidence.of_events(case, told.events, told.comments)
    near = around.stations(case, access(request), load().window.stations)
    air = around.series(case, near, _span(told), today)
    return Page(
        row=row, story=told, stages=steps.line(told, now, today),
        lines=story.lines(told, ladder.load(settings.HOME.path), air),
        problem=by.problem(case.problem, case.catalogue), found=responsibility(case),
        pieces=pieces, known=flags.known(case, pieces, told.events, mine.cases()),
        related=_related(mine, told, now), near=near, air=air,
    )  # fmt: skip


def answering(found: Responsibility) -> list[Answering]:
    """Return who answers, the lead unit first, in the language in force."""
    told = [_party(_("Lead unit"), found.lead)]
    if found.industry is not None:
        told.append(_party(_("Industry unit"), found.industry))
    told += [_party(_("Supporting unit"), p) for p in found.supporting]
    if found.subject is not None:
        told.append(_party(_("Enterprise of the source"), found.subject))
    for part, holder in ((_("Leader in charge"), found.leader), (_("Grid"), found.grid)):
        if holder is not None:
            told.append(Answering(part, _person(holder), ""))
    return told


def facts(shown: Page) -> list[tuple[str, str, str]]:
    """Return label, text and address (empty: none) of what is known of a case."""
    case = shown.case
    source = case.source
    pairs = [
        (_("Problem type"), shown.problem.title, ""),
        (_("Channel it came by"), shown.row.channel_title, ""),
        (_("Territory"), case.territory.name,
         with_query(reverse("cases:ledger"), {"territory": case.territory.code})),
        (_("Pollution source"), "" if source is None else source.name,
         "" if source is None else reverse("sources:source", args=[source.number])),
        (_("Place"), case.place, ""),
        (_("Seen"), _written(case.found_at), ""),
        (_("Taken in at"), _written(case.taken_in_at), ""),
        (_("Outcome"), TABLE.outcomes[case.outcome].title if case.outcome else "", ""),
        (_("Number of the order"), case.external_number, ""),
        (_("Deadline of the order"), _written(case.external_due), ""),
        (_("Our own deadline"), _written(case.own_due), ""),
    ]  # fmt: skip
    return [p for p in pairs if p[1]]


def air_title(air: Series) -> str:
    """Return what the drawing of the air shows."""
    pollutant = LABELS[air.indicator.pollutant]
    if air.averaging == "8h":
        return _("The air around it: {station}, {pollutant}, daily maximum 8 h mean").format(
            station=air.station.name, pollutant=pollutant
        )
    return _("The air around it: {station}, {pollutant}, daily mean").format(
        station=air.station.name, pollutant=pollutant
    )


def air_note(air: Series) -> str:
    """Return unit, period and number of values of the drawing."""
    return _("{unit}, {start} to {end}, {n} of {days} days valid").format(
        unit=words.unit(air.indicator.pollutant), start=air.start.isoformat(),
        end=air.end.isoformat(), n=air.n, days=len(air.values),
    )  # fmt: skip


def _span(told: Story) -> Span:
    case = told.case
    closed = case.ended_at if case.state == "closed" else None
    return Span(case.found_at, told.last("dispatch"), told.last("finish"), closed)


def _related(mine: Reach, told: Story, now: datetime) -> Related:
    case = told.case
    alike: list[Duplicate] = []
    if case.state not in TABLE.ended:
        here = around.position(case) or (None, None)
        alike = queries.duplicates(
            case.problem, case.found_at, lon=here[0], lat=here[1], source=case.source, besides=case
        )
    keys = {d.case.pk for d in alike} | {c.pk for c in told.merged}
    keys |= {pk for pk in (case.sweep_of_id, case.merged_into_id) if pk is not None}
    wanted = mine.cases().filter(Q(pk__in=keys) | Q(sweep_of=case.pk))
    rows = rows_of(with_clock(wanted).order_by("year", "number")[: _CHILDREN + len(keys)], now)
    seen = {r.case.pk: r for r in rows}
    return Related(
        parent=seen.get(case.sweep_of_id or 0), into=seen.get(case.merged_into_id or 0),
        sweep=[r for r in rows if r.case.sweep_of_id == case.pk],
        merged=[seen[c.pk] for c in told.merged if c.pk in seen],
        duplicates=[(seen[d.case.pk], d) for d in alike if d.case.pk in seen],
    )  # fmt: skip


def _party(part: str, party: Party) -> Answering:
    return Answering(part, party.name, _(", ").join(_person(h) for h in party.holders))


def _person(holder: Holder) -> str:
    role = ROLES[holder.role].title if holder.role in ROLES else holder.role
    if holder.deputy:
        return _("{name} ({role}, standing in)").format(name=holder.name, role=role)
    return _("{name} ({role})").format(name=holder.name, role=role)


def _written(moment: datetime | date | None) -> str:
    if moment is None:
        return ""
    if isinstance(moment, datetime):
        return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
    return moment.isoformat()
