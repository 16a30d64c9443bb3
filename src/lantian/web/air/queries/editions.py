"""What the comparison of editions shows: the same days judged by each, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import statistic_of
from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.network.comparison import (
    aqi_by_edition,
    categories_of,
    category_changes,
    judged_by,
    method_of,
)
from lantian.reports import words
from lantian.reports.sections.headline import limits_of, verdict
from lantian.standards import (
    CATEGORIES,
    EDITIONS,
    MEAN_IS_ITEM,
    POLLUTANTS,
)
from lantian.web.air.queries.asked import Asking, Judging, judging_of
from lantian.web.air.queries.place import Place
from lantian.web.core.air import network

PAGE = 100
COMPOSITE = "composite_index"
_AVERAGINGS = ("year", "24h", "8h", "1h")


@dataclass(frozen=True)
class Asked(Judging):
    """What the address of a comparison asks for; editions and methods are all shown."""

    text: str = ""
    page: int = 1

    def query(self) -> dict[str, str | None]:
        """Return the parameters that ask for this again; defaults are None."""
        return {**super().query(), "edition": None, "method": None, "q": self.text or None}


def asked_of(asking: Asking) -> Asked:
    """Return what an address asks for; an edition or method given is checked, all are shown."""
    common = judging_of(asking)
    return Asked(
        span=common.span, free=common.free, typed=common.typed,
        calibre=common.calibre, dust=common.dust,
        text=asking.text("q"), page=asking.number("page", 1),
    )  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One line of the comparison of a place: what, and per edition the words, a note, a class."""

    title: str
    cells: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ChangedDay:
    """A day whose category depends on the edition: AQI and category under each."""

    date: date
    cells: tuple[tuple[int | None, str | None], ...]


@dataclass(frozen=True)
class PlaceView:
    """One place under the editions. ``levels``: days of each category and without one."""

    levels: tuple[tuple[tuple[int, ...], int], ...]
    items: tuple[Item, ...]
    changed: tuple[ChangedDay, ...]
    known: int


@dataclass(frozen=True)
class StationRow:
    """One station under the editions; every tuple has one entry for each edition."""

    station: str
    name: str
    good: tuple[int, ...]
    heavy: tuple[int, ...]
    days: int
    exceeds: tuple[str, ...]
    index: tuple[tuple[str, str], ...]
    changed: int


@dataclass(frozen=True)
class StationGroup:
    """The stations of one kind, which are ranked together."""

    title: str
    rows: tuple[StationRow, ...]


@dataclass(frozen=True)
class View:
    """The page. ``place`` is None where the place has no day with a value."""

    span: ev.Span
    place: PlaceView | None
    groups: tuple[StationGroup, ...]
    stations: int
    pages: int
    top: int


def look(place: Place, asked: Asked) -> View:
    """Return what the page shows."""
    past = ev.so_far(asked.span, network().now(), network().zone)
    frame = stations_frame(asked)
    frame = _chosen(frame, asked.text)
    pages = max(1, -(-frame.height // PAGE))
    shown = frame.slice((min(asked.page, pages) - 1) * PAGE, PAGE)
    groups = tuple(
        StationGroup(
            words.kind_name(part["kind"][0]),
            tuple(_station(row) for row in part.iter_rows(named=True)),
        )
        for part in shown.partition_by("kind", maintain_order=True)
    )
    return View(past, _place(place, past, asked), groups, frame.height, pages, past.days)


def _chosen(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    if not text:
        return frame
    named = [pl.col(c).str.to_lowercase() for c in ("station", "name", "town")]
    found = [c.str.contains(text.lower(), literal=True).fill_null(False) for c in named]
    return frame.filter(pl.any_horizontal(found))


def method_used(edition: str) -> str | None:
    """Return the method whose limits are those of an edition; None: the sources have none."""
    chosen = method_of(edition)
    return chosen.id if chosen else None


def stations_frame(asked: Asked) -> pl.DataFrame:
    """Return one row per station, the figures of each edition suffixed ``@<edition>``.

    Columns: ``station name kind town days changed`` and, for each edition, ``good_days heavy_days
    composite_index rank exceeds insufficient``; index and rank are null where no method has the
    edition's limits.
    """
    parts = []
    for name in EDITIONS:
        own = method_used(name)
        table = network().ranking(
            asked.span, edition=name, method=own or asked.method, calibre=asked.given_calibre,
            dust=asked.dust, previous=False,
        ).frame  # fmt: skip
        known = pl.lit(own is not None)
        parts.append(
            table.select(
                "station", "name", "kind", "town", "aqi_days",
                pl.col("good_days").alias(f"good_days@{name}"),
                pl.col("heavy_days").alias(f"heavy_days@{name}"),
                pl.when(known).then(COMPOSITE).alias(f"{COMPOSITE}@{name}"),
                pl.when(known).then("rank").alias(f"rank@{name}"),
                _listed(f"exceeds@{name}", {p: _attained(p).not_() for p in POLLUTANTS}),
                _listed(f"insufficient@{name}", {p: ~pl.col(f"{p}_valid") for p in POLLUTANTS}),
            )
        )  # fmt: skip
    first, *others = parts
    for other in others:
        first = first.join(other.drop("name", "kind", "town", "aqi_days"), on="station", how="left")
    past = ev.so_far(asked.span, network().now(), network().zone)
    aqi = network().aqi_by_edition(
        past.start, past.end, calibre=asked.given_calibre, dust=asked.dust
    )
    changed = category_changes(aqi).group_by("station").len("changed")
    order = {kind: k for k, kind in enumerate(KINDS)}
    place = pl.col("kind").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    rank = f"rank@{next(iter(EDITIONS))}"
    return (
        first.join(changed, on="station", how="left")
        .with_columns(pl.col("changed").fill_null(0).cast(pl.Int64))
        .rename({"aqi_days": "days"})
        .sort(place, rank, "station", nulls_last=True)
    )


def _attained(p: str) -> pl.Expr:
    """Return whether a pollutant attains; null where its data do not suffice to say."""
    return pl.when(pl.col(f"{p}_valid")).then(pl.col(f"{p}_attains"))


def _listed(name: str, condition: Mapping[str, pl.Expr]) -> pl.Expr:
    """Return the pollutants whose condition holds, as a list."""
    each = [pl.when(c.fill_null(False)).then(pl.lit(p)) for p, c in condition.items()]
    return pl.concat_list(each).list.drop_nulls().alias(name)


def _station(row: Mapping[str, Any]) -> StationRow:
    def each(column: str) -> list[Any]:
        return [row[f"{column}@{e}"] for e in EDITIONS]

    digits = network().settings.rank_digits
    ranked = [
        (words.number(value, digits), words.NONE if rank is None else str(rank))
        for value, rank in zip(each(COMPOSITE), each("rank"), strict=True)
    ]
    exceeds = [
        _exceeding(over, unsure)
        for over, unsure in zip(each("exceeds"), each("insufficient"), strict=True)
    ]
    return StationRow(
        row["station"], row["name"], tuple(n or 0 for n in each("good_days")),
        tuple(n or 0 for n in each("heavy_days")), row["days"], tuple(exceeds), tuple(ranked),
        row["changed"],
    )  # fmt: skip


def _exceeding(over: list[str], unsure: list[str]) -> str:
    """Return which pollutants exceed, and of how many it cannot be said."""
    said = words.names_of(over)
    if len(unsure) == len(POLLUTANTS):
        return _("insufficient data")
    if unsure:
        more = _("{names}: insufficient data").format(names=words.names_of(unsure))
        return f"{said}; {more}" if said else more
    return said or _("none")


def _place(place: Place, past: ev.Span, asked: Asked) -> PlaceView | None:
    days = place.days(past, asked)
    if days.is_empty():
        return None
    judged = judged_by(days, network().settings)
    changes = category_changes(aqi_by_edition(judged))
    rows = {
        e: ev.period(
            table, by=(past.start, past.end), edition=e, method=method_used(e) or asked.method,
            settings=network().settings, judged=True,
        ).row(0, named=True)
        for e, table in judged.items()
    }  # fmt: skip
    levels = [_levels(table, past) for table in judged.values()]
    changed = tuple(
        ChangedDay(
            row["date"],
            tuple((row[f"aqi_{e}"], row[f"category_{e}"]) for e in EDITIONS),
        )
        for row in changes.iter_rows(named=True)
    )
    known = days.filter(pl.col("aqi").is_not_null()).height
    return PlaceView(tuple(levels), tuple(_items(rows, past)), changed, known)


def _levels(table: pl.DataFrame, past: ev.Span) -> tuple[tuple[int, ...], int]:
    counted = dict(categories_of(table).select("category", "days").iter_rows())
    levels = tuple(int(counted.get(c, 0)) for c in CATEGORIES)
    return levels, max(0, past.days - sum(levels))


def _items(rows: Mapping[str, Mapping[str, Any]], past: ev.Span) -> list[Item]:
    least = ev.days_needed(past, network().settings)
    items = [
        Item(title, tuple(_count(row, column, least) for row in rows.values()))
        for title, column in (
            (_("Good days"), "good_days"), (_("Heavy pollution days"), "heavy_days"),
        )
    ]  # fmt: skip
    for p in POLLUTANTS:
        title = f"{words.LABEL[p]} {words.statistic_short(p) or _('mean')}"
        cells = tuple(_judgement(e, row, p) for e, row in rows.items())
        items.append(Item(title, cells))
    items.append(Item(_("Composite index"), tuple(_index(e, r) for e, r in rows.items())))
    return items


def _count(row: Mapping[str, Any], column: str, least: int) -> tuple[str, str, str]:
    if row["aqi_days"] < least:
        short = _("{days} valid days, {least} needed").format(days=row["aqi_days"], least=least)
        return str(row[column]), short, "gap"
    note = words.share(row[column], row["aqi_days"]) if column == "good_days" else ""
    return str(row[column]), note, "hot"


def _judgement(edition: str, row: Mapping[str, Any], p: str) -> tuple[str, str, str]:
    mean_limit, item_limit = limits_of(p, edition)
    bound = mean_limit if MEAN_IS_ITEM[p] else item_limit
    note = f"{words.concentration(p, row[statistic_of(p)])} / {words.bound(bound)}"
    if MEAN_IS_ITEM[p]:
        column = ev.percentile_column(p)
        value = words.concentration(p, row[column])
        note += f" · P{column[-2:]} {value} / {words.bound(item_limit)}"
    tone = "gap" if not row[f"{p}_valid"] else "worse" if row[f"{p}_attains"] is False else ""
    return verdict(dict(row), p), note, tone


def _index(edition: str, row: Mapping[str, Any]) -> tuple[str, str, str]:
    own = method_of(edition)
    if own is None:
        return words.NONE, _("no source divides by these limits"), "gap"
    text = words.number(row[COMPOSITE], network().settings.rank_digits)
    note = own.id if own.status == "confirmed" else f"{own.id}, {words.status_name(own.status)}"
    few = not all(row[f"{p}_valid"] for p in POLLUTANTS)
    return text, _("insufficient data") if few else note, "gap" if few else "hot"
