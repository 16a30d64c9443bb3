"""What the ranking page shows: rows in order, what moved, and the ranks judged other ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.evaluation.composite import statistic_of
from lantian.evaluation.rank import HIGHER_IS_BETTER
from lantian.evaluation.register import KINDS
from lantian.i18n import gettext as _
from lantian.network import Ranking
from lantian.network.comparison import by_edition, by_method, dust_days, moved
from lantian.network.ranking import COUNTS_OF_DAYS
from lantian.reports import words
from lantian.standards import DIGITS, EDITIONS, METHODS, POLLUTANTS
from lantian.web.air.queries.asked import Asking, Judging, judging_of
from lantian.web.core.air import network

PAGE = 100
COMPOSITE = "composite_index"
_CHANGES, _OTHERS = 6, 8
_PERCENTILES = tuple(ev.percentile_column(p) for p in POLLUTANTS)
KEYS = (
    COMPOSITE, *(statistic_of(p) for p in POLLUTANTS), "good_day_ratio", "good_days", "heavy_days",
    *(c for c in _PERCENTILES if c not in {statistic_of(p) for p in POLLUTANTS}),
)  # fmt: skip
GROUPS: Mapping[str, str | None] = {"kind": "kind", "all": None, "town": "town", "city": "city"}


@dataclass(frozen=True)
class Asked(Judging):
    """What the address of a ranking asks for; the last four only choose which rows are shown."""

    key: str = COMPOSITE
    of: str = "stations"
    group: str = "kind"
    previous: bool = True
    kind: str = ""
    town: str = ""
    text: str = ""
    page: int = 1

    @property
    def cities(self) -> bool:
        """Say whether cities are ranked, not stations."""
        return self.of == "cities"

    @property
    def within(self) -> str | None:
        """Return the column whose values are ranked apart; None: all together."""
        return None if self.cities else GROUPS[self.group]

    def query(self) -> dict[str, str | None]:
        """Return the parameters that ask for this again; defaults are None."""
        return {
            **super().query(),
            "key": None if self.key == COMPOSITE else self.key,
            "of": None if self.of == "stations" else self.of,
            "group": None if self.group == "kind" else self.group,
            "previous": None if self.previous else "0",
            "kind": self.kind or None,
            "town": self.town or None,
            "q": self.text or None,
        }


def asked_of(asking: Asking) -> Asked:
    """Return what an address asks for."""
    common = judging_of(asking)
    return Asked(
        **{field.name: getattr(common, field.name) for field in fields(Judging)},
        key=asking.one_of("key", KEYS, COMPOSITE),
        of=asking.one_of("of", ("stations", "cities"), "stations"),
        group=asking.one_of("group", GROUPS, "kind"),
        previous=asking.flag("previous"),
        kind=asking.one_of("kind", KINDS, ""),
        town=asking.text("town"),
        text=asking.text("q"),
        page=asking.number("page", 1),
    )


@dataclass(frozen=True)
class Row:
    """One station or city; texts are as published, ``change`` in per cent, ``tone`` a class."""

    station: str
    name: str
    town: str
    group: str
    rank: int | None
    tied: bool
    moved: str
    value: str
    before: str
    before_note: str
    change: str
    tone: str
    parts: tuple[float, ...] | None
    figures: tuple[tuple[str, str], ...]
    good: int
    good_share: str
    days: int
    few: bool
    why: str


@dataclass(frozen=True)
class Group:
    """Rows ranked together: how many are assessed and ranked of the whole group."""

    title: str
    assessed: int
    ranked: int
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Change:
    """One of the largest changes on the year before."""

    station: str
    name: str
    change: str
    tone: str
    before: str
    value: str


@dataclass(frozen=True)
class Others:
    """The ranks judged other ways, of the rows whose rank depends on it (``more``: not listed)."""

    title: str
    ways: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...]
    more: int
    same: str


@dataclass(frozen=True)
class View:
    """The page. ``top`` is the value that fills a bar; ``frame`` all rows chosen, as ranked."""

    ranking: Ranking
    frame: pl.DataFrame
    groups: tuple[Group, ...]
    assessed: int
    ranked: int
    pages: int
    top: float
    changes: tuple[Change, ...]
    others: Others
    dust_days: int


def look(asked: Asked, page: int | None = PAGE) -> View:
    """Return what the page shows; the ranks are those among all, whichever rows are chosen.

    Parameters
    ----------
    page
        Rows of a page; None: all rows, for a file.
    """
    found = _ranking(asked)
    whole = _ordered(found.frame, asked)
    frame = _chosen(whole, asked)
    size = page or max(1, frame.height)
    pages = max(1, -(-frame.height // size))
    shown = frame.slice((min(asked.page, pages) - 1) * size, size)
    ranked = whole.filter(~pl.col("excluded"))
    top = ranked[COMPOSITE].max()
    return View(
        found, frame, _groups(shown, frame, asked, found), frame.height,
        frame.filter(~pl.col("excluded")).height, pages,
        float(top) if isinstance(top, float) else 1.0,
        _changes(ranked, asked), _others(found, asked), _dust_days(asked, found),
    )  # fmt: skip


def key_title(key: str) -> str:
    """Return a statistic one may rank by, as a table head has it."""
    named = {
        COMPOSITE: _("Composite index"),
        "good_day_ratio": _("Share of good days"),
        "good_days": _("Good days"),
        "heavy_days": _("Heavy pollution days"),
    }
    if key in named:
        return named[key]
    p, _dash, what = key.partition("_")
    statistic = _("mean") if what == "mean" else what.upper()
    return _("{pollutant} {statistic}").format(pollutant=words.LABEL[p], statistic=statistic)


def group_title(name: str, within: str | None) -> str:
    """Return the name of a group; empty where all are ranked together."""
    if within == "kind":
        return words.kind_name(name)
    return (name or _("Without a town")) if within else ""


def _ranking(asked: Asked, **others: Any) -> Ranking:  # noqa: ANN401 - options of Network.ranking
    given: dict[str, Any] = {
        "edition": asked.edition, "method": asked.method, "key": asked.key, "group": asked.within,
        "cities": asked.cities, "calibre": asked.given_calibre, "dust": asked.dust,
        "previous": asked.previous, **others,
    }  # fmt: skip
    return network().ranking(asked.span, **given)


def _ordered(frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Return all rows, group after group, with what the page says of each."""
    within = asked.within
    group = pl.col(within).fill_null("") if within else pl.lit("")
    order = {kind: k for k, kind in enumerate(KINDS)}
    place = group.replace_strict(order, default=len(order), return_dtype=pl.Int32)
    indexed = ev.single_indices(frame, method=asked.method)
    return (
        indexed.with_columns(
            group.alias("_group"),
            place.alias("_place"),
            pl.min_horizontal(f"{p}_days" for p in POLLUTANTS).fill_null(0).alias("_days"),
            (pl.col("rank_previous") - pl.col("rank")).alias("_moved"),
        )
        .with_columns(
            (pl.col("rank").is_not_null() & (pl.len().over("_group", "rank") > 1)).alias("_tied")
        )
        .sort("_place", "_group", "rank", "station", nulls_last=True)
    )


def _chosen(frame: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Return the rows the filters leave."""
    if asked.kind and not asked.cities:
        frame = frame.filter(pl.col("kind") == asked.kind)
    if asked.town and not asked.cities:
        frame = frame.filter(pl.col("town") == asked.town)
    if asked.text:
        wanted = asked.text.lower()
        found = [
            pl.col(c).str.to_lowercase().str.contains(wanted, literal=True).fill_null(False)
            for c in ("station", "name", "town", "city")
        ]
        frame = frame.filter(pl.any_horizontal(found))
    return frame


def _groups(
    page: pl.DataFrame, frame: pl.DataFrame, asked: Asked, found: Ranking
) -> tuple[Group, ...]:
    counts = {
        name: (assessed, ranked)
        for name, assessed, ranked in frame.group_by("_group")
        .agg(pl.len(), (~pl.col("excluded")).sum())
        .iter_rows()
    }
    least = ev.days_needed(found.span, network().settings)
    days_before = _days_before(asked, found) if found.previous else {}
    groups = []
    for part in page.partition_by("_group", maintain_order=True):
        name = part["_group"][0]
        rows = tuple(
            _row(row, asked, least, days_before.get(row["station"]))
            for row in part.iter_rows(named=True)
        )
        groups.append(Group(group_title(name, asked.within), *counts[name], rows))
    return tuple(groups)


def _days_before(asked: Asked, found: Ranking) -> dict[str, int]:
    """Return the valid days a year before of those that could not be compared then."""
    missing = found.frame.filter(~pl.col("excluded") & pl.col(f"{asked.key}_previous").is_null())[
        "station"
    ]
    if missing.is_empty() or found.previous is None:
        return {}
    edition = "auto" if found.edition not in EDITIONS else found.edition
    before = network().periods(
        found.previous, edition=edition, method=asked.method, cities=asked.cities,
        calibre=asked.given_calibre, dust=asked.dust,
    )  # fmt: skip
    days = (
        "aqi_days"
        if asked.key in COUNTS_OF_DAYS
        else pl.min_horizontal(f"{p}_days" for p in POLLUTANTS)
    )
    return dict(
        before.filter(pl.col("station").is_in(missing.implode()))
        .select("station", days)
        .iter_rows()
    )


def value_words(key: str, value: object) -> str:
    """Return a statistic as it is published."""
    if key == "good_day_ratio":
        return words.percent(value * 100 if isinstance(value, float) else None)
    return words.number(value, ev.published_digits(key, network().settings) or 0)


def _row(row: Mapping[str, Any], asked: Asked, least: int, before_days: int | None) -> Row:
    key = asked.key
    parts = tuple(row[f"{p}_index"] for p in POLLUTANTS)
    before = row[f"{key}_previous"]
    note = ""
    if before is None and asked.previous and before_days is not None:
        note = _("{n} valid days").format(n=before_days)
    change, tone = change_words(row[f"{key}_change"], key)
    return Row(
        row["station"], row["name"], row["town"] or "", row["_group"], row["rank"], row["_tied"],
        moved_words(row["_moved"]), value_words(key, row[key]), value_words(key, before), note,
        change, tone, None if None in parts else parts,
        tuple((p, words.concentration(p, row[statistic_of(p)])) for p in POLLUTANTS),
        row["good_days"], words.share(row["good_days"], row["aqi_days"]), row["_days"],
        row["_days"] < least, row["why"] or "",
    )  # fmt: skip


def change_words(change: object, key: str) -> tuple[str, str]:
    """Return a change [%] in words and whether it is for the better or the worse."""
    text = words.number(change, DIGITS["ratio_percent"], signed=True)
    if text[0] not in "+−":
        return text, ""
    return text, "better" if (text[0] == "+") == (key in HIGHER_IS_BETTER) else "worse"


def moved_words(places: int | None) -> str:
    """Return how many ranks somebody moved since the year before; a dash where unknown."""
    if places is None:
        return words.NONE
    if places == 0:
        return _("same")
    return (_("up {n}") if places > 0 else _("down {n}")).format(n=abs(places))


def _changes(ranked: pl.DataFrame, asked: Asked) -> tuple[Change, ...]:
    """Return the largest changes: the improvements first, then what became worse."""
    column = f"{asked.key}_change"
    largest = ranked.filter(pl.col(column).is_not_null()).sort(
        pl.col(column).abs(), descending=True
    )
    rows = largest.head(_CHANGES).sort(column, descending=asked.key in HIGHER_IS_BETTER)
    found = []
    for row in rows.iter_rows(named=True):
        before, now = (value_words(asked.key, row[c]) for c in (f"{asked.key}_previous", asked.key))
        text, tone = change_words(row[column], asked.key)
        found.append(Change(row["station"], row["name"], text, tone, before, now))
    return tuple(found)


def _others(found: Ranking, asked: Asked) -> Others:
    """Rank by the other methods what the method decides, under the editions what these decide."""
    if asked.key == COMPOSITE:
        ways = by_method(found.frame, within=asked.within, settings=network().settings)
        heads = tuple((m.id, m.title) for m in METHODS.values())
        title, same = _("By other methods"), _("No rank depends on the method.")
    elif asked.key in COUNTS_OF_DAYS:
        frames = {e: _ranking(asked, edition=e, previous=False).frame for e in EDITIONS}
        ways = by_edition(frames, asked.key)
        heads = tuple((words.edition_short(e), words.edition_name(e)) for e in EDITIONS)
        title, same = _("Under other editions"), _("No rank depends on the edition.")
    else:
        same = _("A concentration is the same under every edition and method.")
        return Others(_("Under other editions"), (), (), 0, same)
    names = dict(found.frame.select("station", "name").iter_rows())
    order = {s: k for k, s in enumerate(found.frame["station"])}
    stations = sorted(moved(ways), key=lambda s: order.get(s, len(order)))
    cells: dict[str, list[tuple[str, str]]] = {s: [] for s in stations[:_OTHERS]}
    listed = ways.filter(pl.col("station").is_in(list(cells)))
    for station, value, rank in listed.select("station", "value", "rank").iter_rows():
        cells[station].append(
            (words.NONE if rank is None else str(rank), value_words(asked.key, value))
        )
    rows = tuple((s, names.get(s, s), tuple(c)) for s, c in cells.items())
    return Others(title, heads, rows, len(stations) - len(rows), "" if rows else same)


def _dust_days(asked: Asked, found: Ranking) -> int:
    """Return on how many days of the period the decisions in force deduct sand-dust."""
    days = network().days(found.span.start, found.span.end, calibre=asked.given_calibre, dust=True)
    return dust_days(days)


def file_frame(view: View, asked: Asked) -> pl.DataFrame:
    """Return the rows chosen as a table for machines: unrounded, named as in the API."""
    key = asked.key
    columns = [
        "rank", "station", "name", "kind", "town", "city", "period", "start", "end", key,
        f"{key}_previous", f"{key}_change", "rank_previous", COMPOSITE,
        *(f"{p}_index" for p in POLLUTANTS), *(f"{p}_mean" for p in POLLUTANTS), *_PERCENTILES,
        *(f"{p}_days" for p in POLLUTANTS), "good_days", "heavy_days", "aqi_days",
        "good_day_ratio", "edition", "method", "reason", "why",
    ]  # fmt: skip
    return view.frame.select(list(dict.fromkeys(columns)))
