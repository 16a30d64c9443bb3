"""The questions of the interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.http import HttpRequest, HttpResponse
from ninja import Query

from lantian.errors import UnknownNameError
from lantian.i18n import gettext as _
from lantian.observations.parameters import PARAMETERS
from lantian.standards import POLLUTANTS
from lantian.web.accounts.access import access
from lantian.web.api import asked as ask
from lantian.web.api import schemas, shape, tables
from lantian.web.api.service import api, counted
from lantian.web.core.air import network

_HOURS = 24  # of hourly values, where no time is asked for
_DAYS = 30  # of days
_ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 429), schemas.Problem)


def _answers(result: type) -> dict[int, Any]:
    return {200: schemas.Page[result], **_ERRORS}  # type: ignore[valid-type]


@api.get("/stations", url_name="stations", response=_answers(schemas.Station),
         summary=ask.N_("Stations of the register"))  # fmt: skip
def stations(request: HttpRequest, asked: Query[ask.Stations]) -> HttpResponse:
    """Return the stations you may see."""
    counted(request)
    return shape.answer(
        request, asked, (network().stamp(),),
        lambda: tables.stations(ask.stations_of(request, asked)),
        name="stations", shape=shape.whole,
    )  # fmt: skip


@api.get("/stations/{station}", url_name="station", response=_answers(schemas.Station),
         summary=ask.N_("One station"))  # fmt: skip
def station(request: HttpRequest, station: str, asked: Query[ask.Paged]) -> HttpResponse:
    """Return one station."""
    counted(request)
    found = ask.stations_of(request, ask.Stations(station=[station]))
    return shape.answer(
        request, asked, (network().stamp(),), lambda: tables.stations(found),
        name=f"station-{station}", shape=shape.whole,
    )  # fmt: skip


@api.get("/now", url_name="now", response=_answers(schemas.Now),
         summary=ask.N_("The newest hour"))  # fmt: skip
def now(request: HttpRequest, asked: Query[ask.Latest]) -> HttpResponse:
    """Return the newest hour of every station: values, AQI by the hour, what arrived."""
    counted(request)
    wanted = ask.chosen(asked.parameter, (*POLLUTANTS, tables.AQI))
    return shape.answer(
        request, asked, (network().stamp(), network().now().strftime("%Y-%m-%dT%H:%M")),
        lambda: tables.now(ask.stations_of(request, asked), wanted),
        name="now",
    )  # fmt: skip


@api.get("/hourly", url_name="hourly", response=_answers(schemas.Hourly),
         summary=ask.N_("Hourly values as they are stored"))  # fmt: skip
def hourly(request: HttpRequest, asked: Query[ask.Spanned]) -> HttpResponse:
    """Return hourly values with their flags; hours without a stored value are not there.

    Without a time, the newest 24 hours.
    """
    counted(request)
    here = ask.stations_of(request, asked)
    wanted = ask.chosen(asked.parameter, PARAMETERS) if asked.parameter else list(POLLUTANTS)
    start, end = asked.instants(_HOURS)
    ask.few_enough(len(here), len(wanted), (end - start) / timedelta(hours=1))
    zone = ZoneInfo(network().zone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return shape.answer(
        request, asked, (network().stamp(first, last), start.isoformat(), end.isoformat()),
        lambda: tables.hourly(here, wanted, start, end, asked.calibre),
        name="hourly",
    )  # fmt: skip


@api.get("/daily", url_name="daily", response=_answers(schemas.Daily),
         summary=ask.N_("Daily means and AQI"))  # fmt: skip
def daily(request: HttpRequest, asked: Query[ask.Dated]) -> HttpResponse:
    """Return days judged by an edition; without a time, the newest 30.

    `o3_mda8` is the daily maximum of the 8 h means. With `cities`, the mean of the assessed
    stations (HJ 663).
    """
    counted(request)
    wanted = ask.chosen(asked.parameter, (*tables.DAILY, tables.AQI))
    ask.known_edition(asked.edition)
    span = asked.days(_DAYS)
    here = ask.stations_of(request, asked)
    ask.few_enough(len(here), len(wanted), span.days)
    options: dict[str, Any] = {
        "edition": asked.edition,
        "calibre": asked.calibre,
        "dust": asked.dust,
    }

    def make() -> pl.DataFrame:
        if asked.cities:
            _whole_network(request)
            table = network().city_days(span.start, span.end, **options)
        else:
            table = network().days(span.start, span.end, stations=_few(asked, here), **options)
            table = table.filter(pl.col("station").is_in(here))
        calibre = tables.stored_calibre(asked.calibre)
        return tables.daily(table, wanted, calibre, cities=asked.cities)

    stamp = (network().stamp(span.start, span.end), span.label)
    return shape.answer(request, asked, stamp, make, name=f"daily-{span.label}")


@api.get("/periods", url_name="periods", response=_answers(schemas.Statistic),
         summary=ask.N_("Statistics of months, quarters, years or any days"))  # fmt: skip
def periods(request: HttpRequest, asked: Query[ask.Periods]) -> HttpResponse:
    """Return statistics (HJ 663) of periods, with the composite index.

    A period that still runs is judged to its last whole day; without a time, this month.
    """
    counted(request)
    wanted = ask.chosen(asked.parameter, tables.statistics())
    ask.known_edition(asked.edition)
    ask.known_method(asked.method)
    span = asked.span()
    here = ask.stations_of(request, asked)
    ask.few_enough(len(here), len(wanted), span.days / 28 if asked.by else 1)

    def make() -> pl.DataFrame:
        if asked.cities:
            _whole_network(request)
        table = network().periods(
            span, by=asked.by, edition=asked.edition, method=asked.method, cities=asked.cities,
            stations=None if asked.cities else _few(asked, here), calibre=asked.calibre,
            dust=asked.dust,
        )  # fmt: skip
        if not asked.cities:
            table = table.filter(pl.col("station").is_in(here))
        calibre = tables.stored_calibre(asked.calibre)
        return tables.periods(table, wanted, calibre, cities=asked.cities)

    stamp = (network().stamp(span.start, span.end), span.label, _today())
    return shape.answer(request, asked, stamp, make, name=f"periods-{span.label}")


@api.get("/rankings", url_name="rankings", response=_answers(schemas.Ranked),
         summary=ask.N_("Stations or cities in order"))  # fmt: skip
def rankings(request: HttpRequest, asked: Query[ask.Rankings]) -> HttpResponse:
    """Return the ranking of a period with the year before; the unranked last, with the reason.

    Places are those of the whole network, also where you see a part of it.
    """
    counted(request)
    ask.known_edition(asked.edition)
    ask.known_method(asked.method)
    key = ask.chosen([asked.key], tables.statistics())[0]
    group = None if asked.cities or asked.group == "none" else asked.group
    span = asked.span()

    def make() -> pl.DataFrame:
        if asked.cities:
            _whole_network(request)
        ranking = network().ranking(
            span, edition=asked.edition, method=asked.method, key=key, group=group,
            cities=asked.cities, calibre=asked.calibre, dust=asked.dust,
        )  # fmt: skip
        seen = access(request).stations
        frame = ranking.frame
        if seen is not None:
            frame = frame.filter(pl.col("station").is_in(seen))
        return tables.ranking(frame, key, group, tables.stored_calibre(asked.calibre))

    # A ranking compares with the year before: any change of it may change the answer.
    return shape.answer(
        request, asked, (network().stamp(), span.label, _today()), make,
        name=f"ranking-{span.label}",
    )  # fmt: skip


def _few(asked: ask.Stations, here: list[str]) -> list[str] | None:
    """Return the stations to judge: those named, or None for all, whose answer is shared."""
    return here if asked.station else None


def _today() -> str:
    return network().now().astimezone(ZoneInfo(network().zone)).date().isoformat()


def _whole_network(request: HttpRequest) -> None:
    """Refuse city means to those who see a part of the network (``api.part_of_network``)."""
    if access(request).stations is not None:
        raise UnknownNameError(
            "api.part_of_network",
            _("Means of the city are for those who see all its stations."),
        )
