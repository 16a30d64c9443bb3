"""The hours of a station as its chart reads them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import DIGITS
from lantian.web.air import flags
from lantian.web.air.figures.station import reached
from lantian.web.air.queries import station as q
from lantian.web.air.queries.station_asked import Asked
from lantian.web.core.air import network

_HOUR = 3_600_000  # ms


def as_json(asked: Asked, step: q.Step) -> dict[str, Any]:
    """Return the six pollutants over the period and all words the chart needs.

    ``times`` are runs ``[count, first, step]`` of wall-clock times of the network [ms], so that the
    chart shows them wherever it is read; where clocks change, a new run begins.
    """
    found = q.series(asked, step)
    count = len(found[0].values)
    name = asked.station.name
    said = _("{count} daily values") if step == "day" else _("{count} hourly values")
    return {
        "title": _("Six pollutants of {station}, {period}").format(
            station=name, period=words.span_name(asked.span)
        ),
        "times": _times(asked, count, step),
        "step": step,
        "parameters": [_parameter(s) for s in found],
        "words": {
            "gap": _("no value"),
            "of": said.format(count=words.number(sum(s.n for s in found))),
            "keys": _("Arrow keys move from value to value, with Shift by a day; + and − zoom, "
                      "0 shows everything."),
        },
    }  # fmt: skip


def _parameter(series: q.Series) -> dict[str, Any]:
    p = series.parameter
    marks = [
        [m.place, m.value, m.grade,
         f"{flags.state_words(m.grade)}: {flags.flag_words(m.flag)}".rstrip(": ")]
        for m in series.marks
        if m.value is not None
    ]  # fmt: skip
    return {
        "id": p,
        "label": words.LABEL[p],
        "unit": words.unit(p),
        "digits": DIGITS[p],
        "values": series.values,
        "marks": marks,
        "n": series.n,
        "bound": {
            "value": series.bound.value,
            "title": series.bound.title,
            "drawn": reached(series.values, series.high, series.bound),
        },
    }


def _times(asked: Asked, count: int, step: q.Step) -> list[list[int]]:
    if step == "day":
        first = datetime.combine(asked.span.start, datetime.min.time(), ZoneInfo("UTC"))
        return [[count, int(first.timestamp() * 1000), 24 * _HOUR]]
    start = asked.bounds[0]
    zone = ZoneInfo(network().zone)
    runs: list[list[int]] = []
    last: int | None = None
    for k in range(count):
        label = start + timedelta(hours=k + 1)
        wall = label.astimezone(zone).replace(tzinfo=ZoneInfo("UTC"))
        at = int(wall.timestamp() * 1000)
        if last is not None and at == last + _HOUR:
            runs[-1][0] += 1
        else:
            runs.append([1, at, _HOUR])
        last = at
    return runs
