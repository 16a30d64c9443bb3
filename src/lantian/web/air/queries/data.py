"""What is stored: extent, kinds of data, values by month, completeness by station and month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from lantian.home.layout import DERIVED
from lantian.network.answers import Answers
from lantian.observations.completeness import hour_counts, month_bounds
from lantian.observations.files import temporary_beside, write_parquet
from lantian.observations.layout import CalibreChoice
from lantian.observations.standing import standing
from lantian.web.accounts.access import Access
from lantian.web.core.air import network

_GRADES = ("valid", "suspect", "invalid")
_BUDGET = 128 * 2**20  # bytes
_MONTHS = 13  # a year, and the month a year ago
_HOUR = timedelta(hours=1)
_COUNTS, _STATE = "counts", "state"
PAGE = 50

_counted = Answers(_BUDGET)


@dataclass(frozen=True)
class Kind:
    """One kind of values stored: averaging period and calibre."""

    period: str
    calibre: str
    first: str
    last: str
    months: int
    batches: int


@dataclass(frozen=True)
class Stored:
    """What the store holds, without counting values.

    Parameters
    ----------
    extent
        First and last local day with a value of a pollutant; None: there is none.
    stations, measured
        In the register, and with values.
    corrected, excluded
        Values that count because somebody decided so.
    """

    extent: tuple[date, date] | None
    latest: datetime | None
    stations: int
    kinds: Sequence[Kind]
    batches: int
    corrected: int
    excluded: int
    months: Sequence[str]
    calibre: CalibreChoice | None


@dataclass(frozen=True)
class Month:
    """Hourly values of the six pollutants in one local month."""

    month: str
    valid: int
    suspect: int
    invalid: int

    @property
    def total(self) -> int:
        """Return how many there are."""
        return self.valid + self.suspect + self.invalid


@dataclass(frozen=True)
class Matrix:
    """Completeness by station and month.

    Parameters
    ----------
    rows
        ``station name kind`` and for each month ``share`` (0–1, None where nothing is due), in the
        order of the register.
    stations
        How many there are on all pages.
    """

    months: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    stations: int
    page: int
    pages: int


def stored() -> Stored:
    """Return what the store holds."""
    home = settings.HOME
    ledger = home.store.table.snapshot().ledger
    found = decided() if ledger.batches else None
    counts = {} if found is None else dict(found["kind"].value_counts().iter_rows())
    return Stored(
        extent=network().extent() if ledger.batches else None,
        latest=network().latest_hour() if ledger.batches else None,
        stations=network().stations().height,
        kinds=_kinds(),
        batches=ledger.length and len(ledger.batches),
        corrected=counts.get("correction", 0),
        excluded=counts.get("exclusion", 0),
        months=home.store.months("1h", calibre_of("")),
        calibre=calibre_of(""),
    )


def calibre_of(asked: str) -> CalibreChoice | None:
    """Return the calibre meant: the one asked for, else the only one, else audited first."""
    if asked:
        return cast(CalibreChoice, asked)
    return "prefer-audited" if len(network().calibres()) > 1 else None


def months_counted(calibre: CalibreChoice | None) -> list[Month]:
    """Return how many hourly values each month holds, in order, months without any among them."""
    known = settings.HOME.store.months("1h", calibre)
    if not known:
        return []
    sums = {
        month: counts_of(month, calibre).select(pl.col(_GRADES).sum()).row(0) for month in known
    }
    return [Month(m, *sums.get(m, (0, 0, 0))) for m in _through(known[0], known[-1])]


def counts_of(month: str, calibre: CalibreChoice | None) -> pl.DataFrame:
    """Return the values of a month counted (`hour_counts`).

    What was counted is kept in memory and in the home until a value of the month changes.
    """
    store = settings.HOME.store
    at = store.table.snapshot().ledger.last_change((month,))
    state = "" if at is None else at.isoformat()
    key = (str(store.path), month, calibre, state)
    path = settings.HOME.path / DERIVED / _COUNTS / f"{calibre or 'only'}-{month}.parquet"

    def count() -> pl.DataFrame:
        if path.is_file() and pl.read_parquet_metadata(path).get(_STATE) == state:
            return pl.read_parquet(path)
        made = hour_counts(store, month, calibre)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_beside(path)
        write_parquet(made, temporary, metadata={_STATE: state})
        temporary.replace(path)
        return made

    return _counted.get(key, count)


def decided() -> pl.DataFrame:
    """Return the decisions in force (`standing`), from memory while the store does not change."""
    store = settings.HOME.store
    ledger = store.table.snapshot().ledger
    return _counted.get((str(store.path), "decided", ledger.length), lambda: standing(store))


def matrix(
    access: Access,
    calibre: CalibreChoice | None,
    until: str,
    *,
    kind: str = "",
    text: str = "",
    page: int = 1,
) -> Matrix:
    """Return the completeness of the stations a person sees, in the months up to ``until``.

    A station is due each hour of a month, from its first day and to its last one and not after the
    present, of every pollutant it has a value of in these months. The share is that of valid and
    suspect values.
    """
    months = _back(until, _MONTHS)
    register = _register(access)
    if kind:
        register = register.filter(pl.col("kind").fill_null("") == kind)
    if text:
        plain = pl.concat_str("station", pl.lit(" "), pl.col("name").fill_null(""))
        register = register.filter(
            plain.str.to_lowercase().str.contains(text.lower(), literal=True)
        )
    pages = max(1, -(-register.height // PAGE))
    page = min(max(page, 1), pages)
    shown = register.slice((page - 1) * PAGE, PAGE)
    shares = _shares(shown, months, calibre)
    rows = [
        {**row, "shares": shares.get(row["station"], [None] * len(months))}
        for row in shown.select("station", "name", "kind").iter_rows(named=True)
    ]
    return Matrix(months, rows, register.height, page, pages)


def matrix_table(access: Access, calibre: CalibreChoice | None, until: str) -> pl.DataFrame:
    """Return the completeness of every station a person sees as a table: one column a month [%]."""
    months = _back(until, _MONTHS)
    register = _register(access)
    shares = _shares(register, months, calibre)
    return register.select("station", "name", "kind").with_columns(
        pl.Series(
            month,
            [
                None if (s := shares.get(station, [None] * len(months))[n]) is None
                else round(100 * s, 1)
                for station in register["station"]
            ],
            dtype=pl.Float64,
        )
        for n, month in enumerate(months)
    )  # fmt: skip


def _register(access: Access) -> pl.DataFrame:
    known = network().stations()
    if access.stations is not None:
        known = known.filter(pl.col("station").is_in(list(access.stations)))
    return known


def _shares(
    register: pl.DataFrame, months: Sequence[str], calibre: CalibreChoice | None
) -> dict[str, list[float | None]]:
    """Return by station the share of the values due in each month that are there."""
    stations = register["station"].implode()
    counted = {
        month: counts_of(month, calibre).filter(pl.col("station").is_in(stations))
        for month in months
    }
    together = pl.concat(
        [frame.with_columns(pl.lit(m).alias("month")) for m, frame in counted.items()]
    )
    measured = dict(together.group_by("station").agg(pl.col("parameter").n_unique()).iter_rows())
    there = {
        (station, month): n
        for station, month, n in together.group_by("station", "month")
        .agg((pl.col("valid") + pl.col("suspect")).sum())
        .iter_rows()
    }
    found: dict[str, list[float | None]] = {}
    for row in register.select("station", "start", "end").iter_rows(named=True):
        station = row["station"]
        due = [hours * measured.get(station, 0) for hours in _hours_due(row, months)]
        found[station] = [
            min(1.0, there.get((station, month), 0) / n) if n else None
            for month, n in zip(months, due, strict=True)
        ]
    return found


def _hours_due(station: Mapping[str, Any], months: Sequence[str]) -> list[int]:
    """Return how many hours of each month a station operates, not after the present."""
    zone = ZoneInfo(network().zone)
    now = network().now()
    begin = _midnight(station["start"], zone) if station["start"] else None
    end = _midnight(station["end"] + timedelta(days=1), zone) if station["end"] else None
    found = []
    for month in months:
        first, last = month_bounds(month, network().zone)
        first = max(first, begin) if begin else first
        last = min(last, now, end) if end else min(last, now)
        found.append(max(0, (last - first) // _HOUR))
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _kinds() -> list[Kind]:
    ledger = settings.HOME.store.table.snapshot().ledger
    found = []
    for period in ledger.periods():
        for calibre in ("realtime", "audited"):
            months = ledger.months(period, calibre)
            if months:
                touching = {
                    b.id
                    for b in ledger.batches.values()
                    if b.calibre == calibre
                    and b.undone_at is None
                    and any(p.period == period for p in b.parts)
                }
                found.append(
                    Kind(period, calibre, months[0], months[-1], len(months), len(touching))
                )
    return found


def _through(first: str, last: str) -> list[str]:
    """Return all months from one to another."""
    start, end = (int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (first, last))
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, end + 1)]


def _back(until: str, count: int) -> list[str]:
    """Return the ``count`` months that end with ``until``."""
    last = int(until[:4]) * 12 + int(until[5:7]) - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(last - count + 1, last + 1)]
