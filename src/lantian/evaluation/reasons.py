"""Why a row is not ranked, in words with figures."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from lantian.evaluation._columns import DAILY_VALUE
from lantian.evaluation.judge import WITH_DUST
from lantian.evaluation.periods import days_needed, month_days_needed, months_of, span
from lantian.i18n import gettext as _
from lantian.standards import LABELS, Settings

_LABELS = {**LABELS, "aqi": "AQI"}


def explain(
    reason: str,
    row: Mapping[str, object],
    *,
    daily: pl.DataFrame | None = None,
    settings: Settings | None = None,
) -> str:
    """Put a reason of :func:`lantian.evaluation.rank` into words.

    Parameters
    ----------
    reason
        The ``reason`` of a ranked table.
    row
        Its row: ``station``, ``period`` and the ``<p>_days`` the sentence speaks of.
    daily
        The daily table behind it; with it, months with too few valid days are named.

    Returns
    -------
    str
        Items that lack the same thing share a phrase: "PM2.5, NO2: 2016-08 has 24 valid days, 27
        needed".
    """
    settings = settings or Settings.default()
    phrases: dict[str, list[str]] = {}
    for part in filter(None, reason.split(";")):
        word, _colon, names = part.partition(":")
        for name in names.split(","):
            phrase = _phrase(word, name, row, daily, settings)
            phrases.setdefault(phrase, []).append(_LABELS.get(name, name))
    comma, stop = _(", "), _("; ")
    return stop.join(
        _("{items}: {what}").format(items=comma.join(items), what=phrase)
        for phrase, items in phrases.items()
    )


def _phrase(
    word: str,
    name: str,
    row: Mapping[str, object],
    daily: pl.DataFrame | None,
    settings: Settings,
) -> str:
    days = row.get(f"{name}_days")
    if word == "missing":
        return _("no valid value")
    if days is None:
        return _("too few valid days")
    period = span(str(row["period"]))
    least = days_needed(period, settings)
    if int(str(days)) < least:
        return _("{days} valid days, {least} needed").format(days=days, least=least)
    if daily is None or name not in DAILY_VALUE:
        return _("a month has too few valid days")
    thin = thin_months(daily.filter(pl.col("station") == row["station"]), name, str(row["period"]))
    return _("; ").join(
        _("{month} has {days} valid days, {least} needed").format(month=m, days=n, least=need)
        for m, n, need in thin
    )


def thin_months(daily: pl.DataFrame, pollutant: str, period: str) -> list[tuple[str, int, int]]:
    """Return the months of a period that have too few valid days of a pollutant.

    Parameters
    ----------
    daily
        The daily table of one station.

    Returns
    -------
    list of (month, valid days, days needed)
        e.g. ``("2016-08", 24, 27)``.
    """
    column = DAILY_VALUE[pollutant]
    column = column + WITH_DUST if column + WITH_DUST in daily.columns else column
    counted = daily.filter(pl.col(column).is_not_null())["date"].dt.truncate("1mo")
    counts = dict(counted.value_counts().iter_rows())
    found = []
    for month in months_of(span(period)):
        days = int(counts.get(month, 0))
        if days < month_days_needed(month):
            found.append((f"{month:%Y-%m}", days, month_days_needed(month)))
    return found
