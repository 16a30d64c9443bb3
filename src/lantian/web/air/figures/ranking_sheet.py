"""The ranking on paper: the same table on A4, set as reports are."""

from __future__ import annotations

from datetime import datetime

from lantian.i18n import active
from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.reports.charts.bars import series_key, stacked_bar
from lantian.reports.document import (
    Block,
    Cell,
    Column,
    Document,
    Legend,
    Mark,
    Note,
    Pairs,
    Row,
    Section,
    Table,
    Tag,
    Tone,
)
from lantian.reports.typeset import typeset
from lantian.standards import METHODS, POLLUTANTS
from lantian.web.air.figures.ranking import parts_words
from lantian.web.air.queries import ranking as q

_TONES: dict[str, Tone] = {"better": "better", "worse": "worse", "": ""}


def sheet(
    view: q.View, asked: q.Asked, facts: list[tuple[str, str]], *, network: str, made: datetime,
    simulated: bool, title: str,
) -> bytes:  # fmt: skip
    """Return the ranking as a PDF.

    Parameters
    ----------
    facts
        How it was computed: term and words.
    made
        When (with the zone of the network).
    """
    blocks: list[Block] = []
    for group in view.groups:
        if group.title:
            blocks.append(Note(f"{group.title} · {standing(group.assessed, group.ranked)}"))
        blocks.append(_table(view, asked, group))
    marks = tuple(Mark(series_key(k), words.LABEL[p]) for k, p in enumerate(POLLUTANTS))
    blocks.append(Legend(marks, lead=_("Parts of the index:")))
    span = view.ranking.span
    count = standing(view.assessed, view.ranked)
    sections = (
        Section("ranking", q.key_title(asked.key), count, tuple(blocks), foot=_foot()),
        Section("method", _("How it was computed"), "", (Pairs(tuple(facts)),)),
    )  # fmt: skip
    doc = Document(
        language="zh-CN" if active() == "zh" else "en",
        title=title,
        subtitle=_("{start} to {end}, {days} days").format(
            start=span.start, end=span.end, days=span.days
        ),
        brand=_("Lantian"),
        network=network,
        period=words.span_name(view.ranking.asked),
        made=_("Made {time} ({zone})").format(time=f"{made:%Y-%m-%d %H:%M}", zone=str(made.tzinfo)),
        simulated=_("Simulated data 模拟数据") if simulated else "",
        tags=(
            Tag(words.edition_name(view.ranking.edition), "accent"),
            Tag(METHODS[asked.method].title),
        ),
        facts=(words.span_name(span),),
        sections=sections,
        contents=_("Contents"),
        page=_("Page {page} of {pages}"),
    )
    return typeset(doc, made)


def standing(assessed: int, ranked: int) -> str:
    """Return how many are assessed, ranked and not ranked."""
    return _("{all} assessed, {ranked} ranked, {rest} not ranked").format(
        all=assessed, ranked=ranked, rest=assessed - ranked
    )


def _foot() -> str:
    return _(
        "Equal after rounding is a tie, the ranks after it are skipped. "
        "µg/m³, CO mg/m³; means of PM, SO2 and NO2, P90 of O3, P95 of CO. Valid days: those of "
        "the pollutant that has the fewest."
    )


def _table(view: q.View, asked: q.Asked, group: q.Group) -> Table:
    compared = view.ranking.previous is not None
    columns = (
        Column(_("Rank"), numeric=True),
        Column(_("City") if asked.cities else _("Station"), key=True),
        Column(_("Index") if asked.key == q.COMPOSITE else q.key_title(asked.key), numeric=True),
        *((Column(_("Year before"), numeric=True), Column(_("Change %"), numeric=True)) * compared),
        Column(_("Parts")),
        *(Column(words.LABEL[p], numeric=True, unit=words.statistic_short(p)) for p in POLLUTANTS),
        Column(_("Good days"), numeric=True), Column(_("Valid days"), numeric=True),
    )  # fmt: skip
    return Table(columns, tuple(_row(r, view, compared=compared) for r in group.rows))


def _row(row: q.Row, view: q.View, *, compared: bool) -> Row:
    tone: Tone = "gap" if row.rank is None else ""
    figures = tuple(Cell(text, tone=tone) for _p, text in row.figures)
    days = (
        Cell(str(row.good), note=row.good_share, tone=tone),
        Cell(str(row.days), tone="warn" if row.few else tone),
    )
    if row.rank is None:
        reason = Cell(_("Not ranked: {reason}").format(reason=row.why), columns=2 + 2 * compared)
        return Row((Cell(words.NONE), Cell(row.name), reason, *figures, *days), unranked=True)
    before = (
        Cell(row.before, note=row.before_note)
        if not row.before_note
        else Cell(note=row.before_note),
        Cell(row.change, tone=_TONES[row.tone]),
    )
    parts = stacked_bar(row.parts, view.top, parts_words(row.parts)) if row.parts else ""
    return Row(
        (
            Cell(str(row.rank), before=_("tied") if row.tied else "", strong=True),
            Cell(row.name), Cell(row.value, strong=True), *(before if compared else ()),
            Cell(svg=parts), *figures, *days,
        )
    )  # fmt: skip
