"""From the options of a command to judged tables: what `evaluate`, `rank` and `export` share."""
# ruff: noqa: PLC0415 - heavy modules are imported when a command runs

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lantian.cli.bars import bar
from lantian.cli.failures import NothingToShowError
from lantian.cli.state import State
from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

if TYPE_CHECKING:
    import polars as pl

    from lantian.evaluation import Span
    from lantian.home.layout import Home
    from lantian.observations.layout import CalibreChoice
    from lantian.observations.reading import Selection
    from lantian.standards import Settings


@dataclass(frozen=True)
class Task:
    """What is to be judged, and how."""

    home: Home
    settings: Settings
    span: Span | None
    asked: Span | None
    editions: tuple[str, ...]
    method: str
    calibre: CalibreChoice | None
    as_of: datetime | None
    dust: pl.DataFrame | None
    stations: tuple[str, ...]
    cities: bool
    quiet: bool

    @property
    def zone(self) -> str:
        """Return the zone of the home."""
        return self.home.zone

    def selection(self, parameters: Iterable[str] | None = None) -> Selection:
        """Return which stored values are meant."""
        from lantian.evaluation.partitions import local_days

        return local_days(
            self.span.start if self.span else None,
            self.span.end if self.span else None,
            self.zone,
            stations=self.stations or None,
            parameters=tuple(parameters) if parameters is not None else None,
            calibre=self.calibre,
        )

    def meta(self) -> dict[str, object]:
        """Return what every JSON document says of how it was judged."""
        return {
            "network": self.home.name,
            "simulated": self.home.simulated,
            "zone": self.zone,
            "period": None
            if self.span is None
            else {"label": self.span.label, "start": self.span.start, "end": self.span.end},
            "period_asked": self.asked.label if self.asked else None,
            "editions": list(self.editions),
            "method": self.method,
            "calibre": self.calibre,
            "as_of": self.as_of,
            "dust_deducted": self.dust is not None,
            "of": "cities" if self.cities else "stations",
            "units": {"concentrations": "µg/m³", "co": "mg/m³"},
            "settings_in_doubt": [c.name for c in self.settings.in_doubt()],
        }


def prepare(
    state: State,
    *,
    period: str | None,
    editions: Sequence[str] = (),
    method: str = "sum_equal_2012",
    calibre: CalibreChoice | None = None,
    as_of: str | None = None,
    deduct_dust: bool = False,
    stations: Sequence[str] = (),
    cities: bool = False,
) -> Task:
    """Check the options and open the home.

    Raises
    ------
    DomainError
        An edition, method, period or time that is none; no home; nothing stored.
    """
    from lantian.home import dust
    from lantian.standards import method as known_method

    if cities and stations:
        raise InvalidArgumentError(
            "cli.usage_city_station", _("--city and --station exclude each other; give one.")
        )
    chosen = edition_list(editions)
    known_method(method)
    home = state.open_home()
    today = state.now().astimezone(ZoneInfo(home.zone)).date()
    from lantian.cli.when import moment
    from lantian.cli.when import period as period_of

    span = period_of(period, today) if period else None
    decided = dust.events(dust.load(home.path)) if deduct_dust else None
    if deduct_dust and decided is None:
        raise NothingToShowError(
            "cli.no_dust",
            _(
                "There is no sand-dust decision to deduct. Enter one with `lantian dust add`, or "
                "leave --deduct-dust out."
            ),
        )
    something_stored(home, calibre)
    return Task(
        home=home,
        settings=home.evaluation(),
        span=span,
        asked=span,
        editions=chosen,
        method=method,
        calibre=calibre,
        as_of=moment(as_of, home.zone) if as_of else None,
        dust=decided,
        stations=tuple(stations),
        cities=cities,
        quiet=state.quiet,
    )


def whole_days(task: Task, state: State) -> Task:
    """Return the task with a period that still runs cut after its last whole day."""
    from dataclasses import replace

    from lantian.evaluation import so_far

    if task.span is None:
        return task
    return replace(task, span=so_far(task.span, state.now(), task.zone))


def edition_list(given: Sequence[str]) -> tuple[str, ...]:
    """Return the editions asked for, each once; ``auto`` when none was."""
    from lantian.standards import edition

    names = [n.strip() for text in given for n in text.split(",") if n.strip()]
    for name in names:
        if name != "auto":
            edition(name)
    return tuple(dict.fromkeys(names)) or ("auto",)


def something_stored(home: Home, calibre: CalibreChoice | None = None) -> None:
    """Make sure that the home holds hourly measurements.

    Raises
    ------
    NothingToShowError
        ``cli.nothing_stored``.
    """
    if not home.store.months("1h", calibre or "prefer-audited"):
        of = {"realtime": _("real-time"), "audited": _("audited")}.get(calibre or "", "")
        message = (
            _("There are no {calibre} hourly values. Choose another --calibre.").format(calibre=of)
            if of and home.store.months("1h", "prefer-audited")
            else _(
                "There are no hourly measurements yet. Import some: lantian import FILE… "
                "(`lantian formats` lists what can be read.)"
            )
        )
        raise NothingToShowError("cli.nothing_stored", message)


def days(task: Task, edition: str) -> pl.DataFrame:
    """Return the daily table of stations or cities under ``edition``.

    Raises
    ------
    NothingToShowError
        ``cli.nothing_in_period``: the selection holds no value.
    """
    from lantian.evaluation.partitions import daily_from_store

    with bar(quiet=task.quiet) as progress:
        table = daily_from_store(
            task.home.store,
            task.selection(),
            as_of=task.as_of,
            edition=edition,
            settings=task.settings,
            dust=task.dust,
            progress=progress,
        )
    if table.is_empty():
        raise nothing_in(task)
    return of_cities(task, table, edition) if task.cities else table


def hours(task: Task, parameters: Iterable[str] | None = None) -> pl.DataFrame:
    """Return the hourly table of stations.

    Raises
    ------
    NothingToShowError
        ``cli.nothing_in_period``.
    """
    from lantian.evaluation.partitions import hourly_from_store

    with bar(quiet=task.quiet) as progress:
        table = hourly_from_store(
            task.home.store, task.selection(parameters), as_of=task.as_of, progress=progress
        )
    if table.is_empty():
        raise nothing_in(task)
    return table


def of_cities(task: Task, table: pl.DataFrame, edition: str) -> pl.DataFrame:
    """Return the table of the cities from that of the stations, as reports do it."""
    import polars as pl

    from lantian.evaluation import city

    assessed = register(task.home, table).filter("assessed")
    mine = table.filter(pl.col("station").is_in(assessed["station"].implode()))
    return city(mine, assessed, edition=edition, settings=task.settings)


def register(home: Home, table: pl.DataFrame) -> pl.DataFrame:
    """Return the stations of ``table`` with names, cities and whether they make the city mean."""
    from lantian.evaluation.register import register_of
    from lantian.observations.stations import empty

    known = home.store.stations()
    return register_of(empty() if known is None else known, table, home.name)


def names(task: Task) -> dict[str, str]:
    """Return the name of each registered station; empty for cities, which are their names."""
    known = None if task.cities else task.home.store.stations()
    if known is None:
        return {}
    return {s: n for s, n in known.select("station", "name").iter_rows() if n and n != s}


def kinds(task: Task) -> dict[str, str]:
    """Return the kind of each registered station; empty where they are all of one kind."""
    known = task.home.store.stations()
    if known is None or known["kind"].n_unique() < 2:
        return {}
    return {s: k or "other" for s, k in known.select("station", "kind").iter_rows()}


def nothing_in(task: Task) -> NothingToShowError:
    """Return the error for a selection without values, which says where there are some."""
    from lantian.reports.words import sentences

    months = task.home.store.months("1h", task.calibre or "prefer-audited")
    first, last = months[0], months[-1]
    asked = ", ".join(task.stations)
    label = task.span.label if task.span else _("all of the time")
    where = (
        _("No value of {stations} in {period}.").format(stations=asked, period=label)
        if asked
        else _("No value in {period}.").format(period=label)
    )
    hint = _("Measurements are stored from {first} to {last}.").format(first=first, last=last)
    more = _("`lantian stations list` names the stations.") if asked else ""
    return NothingToShowError(
        "cli.nothing_in_period", sentences(where, hint, more), {"first": first, "last": last}
    )
