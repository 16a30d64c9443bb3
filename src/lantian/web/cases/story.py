"""What happened to a case, told in lines: its events, comments, rungs, and what the air showed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.reports import words
from lantian.standards import LABELS
from lantian.web.accounts.roles import ROLES
from lantian.web.cases import queries
from lantian.web.cases.actions.acting import title_of
from lantian.web.cases.around import Hour, Series
from lantian.web.cases.ladder import Ladder
from lantian.web.cases.ledger.telling import Teller
from lantian.web.cases.models import Case, CaseEvent, Comment, Step
from lantian.web.cases.models.climb import Climb
from lantian.web.cases.standing_rules import rules
from lantian.web.cases.table import TABLE

_CUT = 60  # signs of a text that was corrected
Kind = Literal["done", "bad", "said", "rung", "air"]
# What went wrong, or went up: drawn red, and said in words.
_BAD = frozenset({"fail", "relapse", "return", "refuse_close", "void", "decline"})


@dataclass(frozen=True)
class Line:
    """One line of the story.

    Parameters
    ----------
    notes
        What else is known of it, each a short sentence.
    text
        What the person wrote.
    who
        Name, post and unit; empty: the air.
    case
        Code of the case it happened to, where that is one merged into this.
    audit
        Number of the event in the log; None: it has none of its own.
    """

    at: datetime
    kind: Kind
    title: str
    notes: tuple[str, ...] = ()
    text: str = ""
    who: str = ""
    case: str = ""
    audit: int | None = None


@dataclass(frozen=True)
class Story:
    """All that is kept of what happened to a case and to those merged into it, in time."""

    case: Case
    merged: Sequence[Case]
    events: Sequence[CaseEvent]
    comments: Sequence[Comment]
    steps: Sequence[Step]
    climbs: Sequence[Climb]

    @property
    def own(self) -> list[CaseEvent]:
        """Return the events of the case itself."""
        return [e for e in self.events if e.case_id == self.case.pk]

    def last(self, action: str) -> datetime | None:
        """Return when an action was last done to the case itself; None: never."""
        return max((e.at for e in self.own if e.action == action), default=None)


def of_case(case: Case, seen: QuerySet[Case] | None = None) -> Story:
    """Return what happened; five queries, and one for each level of merging.

    Parameters
    ----------
    seen
        The cases the reader sees, for those merged into this one; None: all.
    """
    merged = queries.absorbed(case, seen)
    family = [case, *merged]
    comments = Comment.objects.filter(case__in=[c.pk for c in family])
    climbs = Climb.objects.filter(case=case, taken_at__isnull=False)
    return Story(
        case, merged, queries.events_of(family),
        list(comments.select_related("case", "author").prefetch_related("mentions")),
        list(Step.objects.filter(case=case).order_by("begun_at", "id")),
        list(climbs.select_related("signed_by").order_by("taken_at", "id")),
    )  # fmt: skip


def lines(story: Story, ladder: Ladder, air: Series | None = None) -> list[Line]:
    """Return the story in time, in the language in force."""
    mine = story.case.pk
    told = [_event(e, "" if e.case_id == mine else e.case.code) for e in story.events]
    told += [_comment(c, "" if c.case_id == mine else c.case.code) for c in story.comments]
    told += [_rung(c, ladder) for c in story.climbs]
    told += [] if air is None else _air(air)
    return sorted(told, key=lambda line: line.at)


def who_of(event: CaseEvent) -> str:
    """Return who did it: the name at the time, the role they acted in, and their unit."""
    more = []
    if event.role in ROLES:
        more.append(ROLES[event.role].title)
    if event.organisation is not None:
        more.append(event.organisation.name)
    if not more:
        return event.actor_name
    return _("{name} ({post})").format(name=event.actor_name, post=_(", ").join(more))


def _event(event: CaseEvent, case: str) -> Line:
    return Line(
        at=event.at, kind="bad" if event.action in _BAD else "done", title=title_of(event.action),
        notes=tuple(notes_of(event)), text=event.reason, who=who_of(event), case=case,
        audit=event.audit,
    )  # fmt: skip


def notes_of(event: CaseEvent) -> list[str]:
    """Return what an event keeps besides its reason, in words."""
    told = [
        say(event.data[name])
        for name, say in _NOTES.items()
        if event.data.get(name) not in (None, "", [], {})
    ]
    told += _corrected(event.data.get("fields"))
    pieces = Counter(row["kind"] for row in event.data.get("evidence", ()))
    n = sum(pieces.values())
    if n:
        told.append(ngettext("{n} file", "{n} files", n).format(n=n))
    if "confirmed" in event.data:
        told.insert(0, _("found true") if event.data["confirmed"] else _("not found true"))
    return [t for t in told if t]


def _corrected(fields: Any) -> list[str]:  # noqa: ANN401 - out of JSON
    """Return what a correction changed; the log has the whole of what is cut here."""
    if not fields:
        return []
    teller = Teller([fields], rules().catalogues)
    says = _("{field}: {was} → {now}")
    return [
        says.format(field=field, was=_cut(was), now=_cut(now))
        for field, was, now in teller.lines(fields)
    ]


def _cut(text: str) -> str:
    return text if len(text) <= _CUT else f"{text[:_CUT]}…"


def _comment(comment: Comment, case: str) -> Line:
    names = [u.name for u in comment.mentions.all()]
    notes = [_("to {names}").format(names=_(", ").join(names))] if names else []
    if n := len(comment.evidence):
        notes.append(ngettext("{n} file", "{n} files", n).format(n=n))
    return Line(
        at=comment.at, kind="said", title=TABLE.actions["comment"].title, notes=tuple(notes),
        text=comment.text, who=comment.author.name, case=case,
    )  # fmt: skip


def _rung(climb: Climb, ladder: Ladder) -> Line:
    titles = {r.code: r.title for r in ladder.rungs}
    notes = []
    if climb.told:
        notes.append(_("told: {names}").format(names=_(", ").join(climb.told)))
    if climb.answer_by is not None:
        notes.append(_("answer by {moment}").format(moment=_written(climb.answer_by)))
    at = climb.taken_at or climb.reached_at
    return Line(
        at=at, kind="rung", title=titles.get(climb.rung, climb.rung), notes=tuple(notes),
        who=_("by the program") if climb.signed_by is None else climb.signed_by.name,
    )  # fmt: skip


def _air(air: Series) -> list[Line]:
    """Return what the nearest station measured when it was seen, at its worst, and at the end."""
    found = [
        Line(hour.at, "air", _hour_words(air, hour), notes=(what,))
        for hour, what in (
            (air.seen, _("in the hour it was seen")),
            (air.closing, _("in the hour it was closed")),
        )
        if hour is not None
    ]
    worst = _worst(air)
    if worst is not None:
        day, value = worst
        says = _("{station}: {pollutant} {value} {unit}, the highest day of the case")
        title = says.format(
            station=air.station.name, pollutant=LABELS[air.indicator.pollutant],
            value=words.concentration(air.indicator.pollutant, value),
            unit=words.unit(air.indicator.pollutant),
        )  # fmt: skip
        above = _("above the limit of {value}") if value > air.limit else _("limit {value}")
        found.append(Line(_end_of(day), "air", title, (above.format(value=f"{air.limit:g}"),)))
    return found


def _hour_words(air: Series, hour: Hour) -> str:
    pollutant = air.indicator.pollutant
    return _("{station}: {pollutant} {value} {unit}").format(
        station=air.station.name, pollutant=LABELS[pollutant],
        value=words.concentration(pollutant, hour.value), unit=words.unit(pollutant),
    )  # fmt: skip


def _worst(air: Series) -> tuple[date, float] | None:
    """Return the day with the highest value from when it was seen until it was closed."""
    by_mark = {what: day for day, what in air.marks}
    first, last = by_mark["seen"], by_mark.get("closed", air.end)
    days = [
        (date.fromordinal(air.start.toordinal() + i), v)
        for i, v in enumerate(air.values)
        if v is not None
    ]
    within = [(d, v) for d, v in days if first <= d <= last]
    return max(within, key=lambda pair: pair[1], default=None)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 23, 59))


def _written(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _until(text: Any) -> str:  # noqa: ANN401 - out of JSON
    moment = parse_datetime(str(text))
    return "" if moment is None else _("until {moment}").format(moment=_written(moment))


def _outcome(code: Any) -> str:  # noqa: ANN401 - out of JSON
    return TABLE.outcomes[code].title if code in TABLE.outcomes else ""


_SEVERITIES: Mapping[str, Callable[[], str]] = {
    "serious": lambda: _("as serious"),
    "general": lambda: _("as general"),
}
# How what an event keeps is said, in this order.
_NOTES: Mapping[str, Callable[[Any], str]] = {
    "channel": lambda code: TABLE.channels[code].title if code in TABLE.channels else "",
    "severity": lambda code: _SEVERITIES[code]() if code in _SEVERITIES else "",
    "responsibility": lambda r: _("lead unit {name}").format(name=r["lead"]["name"]),
    "owner": lambda o: _("proposed: {name}").format(name=o["name"]),
    "outcome": _outcome,
    "until": _until,
    "review_on": lambda day: _("to be reviewed on {day}").format(day=day),
    "target": lambda code: _("into {case}").format(case=code),
    "merged": str,
    "cases": lambda codes: ngettext("{n} place: {cases}", "{n} places: {cases}", len(codes)).format(
        n=len(codes), cases=_(", ").join(codes)
    ),
}
