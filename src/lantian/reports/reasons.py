"""Why a row is not ranked, short enough for a line of a table: by month where months are thin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

import lantian.evaluation as ev
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.reports import words
from lantian.reports.data import ReportData
from lantian.reports.words import LABEL
from lantian.standards import POLLUTANTS

_MONTHS_NAMED = 3


def why(data: ReportData, row: Mapping[str, Any], *, city: bool = False) -> str:
    """Put the reason a row is not ranked into words; empty where it is.

    As :func:`lantian.evaluation.explain`, but where the days of the whole period suffice and those
    of months do not, the months lead, each with its items: rows of a table are read by month.
    """
    daily = data.city_days if city else data.days
    mine = daily.filter(pl.col("station") == row["station"])
    least = ev.days_needed(data.span, data.settings)
    months: dict[str, dict[str, list[str]]] = {}
    others: dict[str, list[str]] = {}
    for part in str(row.get("reason") or "").split(";"):
        word, _colon, names = part.partition(":")
        for p in names.split(",") if names else ():
            if word == "insufficient" and p in POLLUTANTS and int(row[f"{p}_days"]) >= least:
                for month, days, needed in ev.thin_months(mine, p, data.span.label):
                    found = months.setdefault(month, {})
                    found.setdefault(f"{days}/{needed}", []).append(LABEL[p])
            else:
                others.setdefault(word, []).append(p)
    said = [
        ev.explain(f"{word}:{','.join(names)}", row, daily=mine, settings=data.settings)
        for word, names in others.items()
    ]
    return _("; ").join([*said, *_month_words(months)])


def _month_words(months: Mapping[str, Mapping[str, list[str]]]) -> list[str]:
    listed = [
        f"{month} " + words.joined(f"{words.joined(names)} {days}" for days, names in found.items())
        for month, found in sorted(months.items())
    ]
    if not listed:
        return []
    more = len(listed) - _MONTHS_NAMED
    if more > 0:
        rest = ngettext("{n} more month", "{n} more months", more).format(n=more)
        listed = [*listed[:_MONTHS_NAMED], rest]
    return [_("too few valid days in {months}").format(months=_("; ").join(listed))]
