"""*Today* as its template writes it: words and links."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.urls import reverse

from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.reports import words
from lantian.standards import POLLUTANTS
from lantian.web.air.queries import saying
from lantian.web.air.queries.links import pages
from lantian.web.air.queries.network_page import edition_tag
from lantian.web.air.queries.today import Changes, Landed, Today
from lantian.web.core.air import network
from lantian.web.core.formats import local, moment, with_query

_NAMED = 5  # stations named in one list; the others are counted


@dataclass(frozen=True)
class Line:
    """A line of a list: what it says, what stands below it, where it leads."""

    text: str
    below: str = ""
    url: str = ""


def page_of(found: Today, may: Collection[str]) -> dict[str, Any]:
    """Return the variables of the template."""
    named = _changes(found.changes, may) if found.changes else []
    waiting = _waiting(found.changes, may) if found.changes else []
    shown = sorted(found.mean.primary, key=POLLUTANTS.index) or ["pm25"]
    first = shown[0]
    return {
        "edition": edition_tag(found.mean.edition or found.yesterday.edition),
        "hour": f"{local(found.moment.label):%H:%M}",
        "first": first,
        "against": _against(first, found.change.get(first)),
        "changes": named,
        "waiting": waiting,
        "own": [_own(row) for row in found.own],
        "day_url": _day_url(found, may),
        "good_days_note": saying.judged_alike(found.year.editions) if found.year else "",
    }


def _day_url(found: Today, may: Collection[str]) -> str:
    if "air" not in may:
        return ""
    day = found.day - timedelta(days=1)
    return with_query(reverse("air:network"), {"day": day, "show": "assessed"})


def _against(p: str, change: float | None) -> str:
    """Return how a pollutant compares with 24 hours before, in words."""
    if change is None:
        return _("no value 24 hours ago to compare with")
    figure = words.number(abs(change), 1 if p == "co" else 0)
    if change == 0:
        return _("as at this hour yesterday")
    template = (
        _("{n} higher than at this hour yesterday")
        if change > 0
        else _("{n} lower than at this hour yesterday")
    )
    return template.format(n=figure)


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": row["name"],
        "url": pages("air:station")(row["station"]),
        "state": row["state"],
        "aqi": row["aqi"],
        "category": row["category"],
        "values": [
            f"{words.LABEL[p]} {words.concentration(p, row[p])}" for p in ("pm25", "pm10", "o3")
        ],
    }


def _changes(found: Changes, may: Collection[str]) -> list[Line]:
    """Return what changed since yesterday: stations first, then values."""
    lines = [
        Line(
            _("{name}: {trouble}").format(name=found.names[t.station], trouble=saying.trouble(t)),
            url=_hours(t.station, t.parameters[0]),
        )
        for t in found.offline[:_NAMED]
    ]
    if more := len(found.offline) - _NAMED:
        lines += _more(more) if more > 0 else []
    for station, name, hours in found.back[:_NAMED]:
        said = _("{name} is back").format(name=name)
        below = _("{hours} h without a value since yesterday").format(hours=hours)
        lines.append(Line(said, below, _hours(station, "pm25")))
    if len(found.back) > _NAMED:
        n = len(found.back) - _NAMED
        said = ngettext("{n} more station is back", "{n} more stations are back", n)
        lines.append(Line(said.format(n=n)))
    hours, stations = found.late
    if hours:
        said = ngettext(
            "{n} hour came over 30 min late", "{n} hours came over 30 min late", hours
        ).format(n=hours)
        below = ngettext("from {n} station", "from {n} stations", stations).format(n=stations)
        lines.append(Line(said, below, reverse("air:network")))
    return lines + [_landed(one, may) for one in found.landed]


def _more(n: int) -> list[Line]:
    said = ngettext("{n} more station offline", "{n} more stations offline", n).format(n=n)
    return [Line(said, url=with_query(reverse("air:network"), {"show": "trouble"}))]


def _landed(one: Landed, may: Collection[str]) -> Line:
    said = {
        "import": ngettext("{n} import", "{n} imports", one.batches),
        "correction": ngettext("{n} correction", "{n} corrections", one.batches),
        "exclusion": ngettext("{n} exclusion", "{n} exclusions", one.batches),
        "restore": ngettext("{n} restoration", "{n} restorations", one.batches),
        "undone": ngettext("{n} batch undone", "{n} batches undone", one.batches),
    }[one.kind].format(n=one.batches)
    values = ngettext("{n} value", "{n} values", one.values).format(n=f"{one.values:,}")
    newest = one.newest
    when = moment((newest.undone_at if one.kind == "undone" else None) or newest.landed_at)
    parts = [values, _("last at {when}").format(when=when)]
    url = ""
    if "data.see" in may:
        who = newest.undone_by if one.kind == "undone" else newest.actor
        why = newest.undo_reason if one.kind == "undone" else newest.reason
        parts += [p for p in (who, why) if p]
        url = reverse("air:data")
    return Line(said, " · ".join(parts), url)


def _waiting(found: Changes, may: Collection[str]) -> list[Line]:
    """Return what somebody who may change data should look at."""
    if "data.change" not in may:
        return []
    lines = []
    for station, name, p, hours in found.suspect[:_NAMED]:
        said = _("{name} {pollutant} in doubt").format(name=name, pollutant=words.LABEL[p])
        below = ngettext(
            "{n} hour since yesterday: confirm, correct or exclude",
            "{n} hours since yesterday: confirm, correct or exclude",
            hours,
        ).format(n=hours)
        lines.append(Line(said, below, _hours(station, p, found)))
    if len(found.suspect) > _NAMED:
        n = len(found.suspect) - _NAMED
        said = ngettext(
            "{n} more station and pollutant in doubt",
            "{n} more stations and pollutants in doubt",
            n,
        )
        lines.append(
            Line(said.format(n=n), url=with_query(reverse("air:network"), {"show": "trouble"}))
        )
    if found.offline:
        said = ngettext(
            "{n} station sends nothing", "{n} stations send nothing", len(found.offline)
        ).format(n=len(found.offline))
        below = words.joined(found.names[t.station] for t in found.offline[:_NAMED])
        lines.append(Line(said, below, with_query(reverse("air:network"), {"show": "trouble"})))
    return lines


def _hours(station: str, parameter: str, found: Changes | None = None) -> str:
    address = pages("air:hours")(station)
    today = local(network().now()).date()
    start = local(found.since).date() if found else today - timedelta(days=1)
    return with_query(address, {"parameter": parameter, "start": start, "end": today})


def chart_label(found: Today) -> str:
    """Return what the chart of the year shows, for readers who cannot see it."""
    year = found.year
    if year is None:
        return ""
    return _("PM2.5 of {city} in {year}: monthly means and the mean since 1 January").format(
        city=found.city, year=year.span.start.year
    )
