"""What is wrong with a station, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from lantian.i18n import gettext as _
from lantian.reports import words
from lantian.standards import POLLUTANTS
from lantian.web.air.queries.arrival import Trouble

_CHECKED = "QC:"


def trouble(found: Trouble, row: Mapping[str, Any] | None = None) -> str:
    """Return a trouble in words, without the name of the station.

    Parameters
    ----------
    row
        The station's row of :func:`lantian.web.air.queries.rows.rows_of`: to say what it means for
        the AQI.
    """
    if found.what == "offline":
        return _offline(found)
    items = words.joined(words.LABEL[p] for p in POLLUTANTS if p in found.parameters)
    hours = _at_least(found)
    if found.what == "missing":
        said = _("{items} missing for {hours}").format(items=items, hours=hours)
        return said + _consequence(row)
    if found.what == "suspect":
        said = _("{items} suspect for {hours}").format(items=items, hours=hours)
        reason = flag_words(found.flag)
        return _("{said}: {reason}").format(said=said, reason=reason) if reason else said
    return _("{items} {minutes} min late").format(items=items, minutes=found.delay)


def _offline(found: Trouble) -> str:
    if not found.beyond:
        return _("offline for {hours} h").format(hours=found.hours)
    if found.last_day is not None:
        return _("no data since {day}").format(day=f"{found.last_day:%m-%d}")
    return _("no data for {hours} h and more").format(hours=found.hours)


def _at_least(found: Trouble) -> str:
    return f"≥ {found.hours} h" if found.beyond else f"{found.hours} h"


def _consequence(row: Mapping[str, Any] | None) -> str:
    if row is None or row["state"] == "none" or row["edition"] == "2012":
        return ""
    if row["state"] == "withheld":
        return _(", AQI not published")
    return _(", AQI above 100 published all the same") if row["missing"] else ""


def flag_words(flag: str) -> str:
    """Return what a mark of quality control says; empty for none, others as they stand."""
    tokens = [t for t in flag.split(";") if t]
    if not tokens:
        return ""
    known = {
        "range": _("out of range"),
        "rise": _("rises too fast"),
        "stuck": _("does not move"),
        "particles": _("PM2.5 above PM10"),
        "neighbours": _("unlike the neighbours"),
    }
    names = [known.get(t.removeprefix(_CHECKED), t.removeprefix(_CHECKED)) for t in tokens]
    return words.joined(dict.fromkeys(names))


def kind_short(kind: str) -> str:
    """Return whose station it is in a word beside its name; empty for township and others."""
    return {
        "national": _("national"),
        "provincial": _("provincial"),
        "municipal": _("municipal"),
        "micro": _("micro"),
        "background": _("background"),
    }.get(kind, "")


def judged_alike(editions: Sequence[tuple[str, date]]) -> str:
    """Return by which editions a year and the same days of the year before are compared.

    Parameters
    ----------
    editions
        Each with the first day of this year it judges.
    """
    if len(editions) == 1:
        used = _("Both years judged by one edition: {edition}.")
        return used.format(edition=words.edition_short(editions[0][0]))
    named = [
        _("{edition} from {day}").format(edition=words.edition_short(e), day=f"{day:%m-%d}")
        for e, day in editions
    ]
    used = _("Both years judged alike, day by day: {editions}.")
    return used.format(editions=words.joined(named))
