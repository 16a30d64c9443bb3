"""Is it known which days are worked? Else deadlines are provisional."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lantian.errors import DomainError
from lantian.home.findings import Finding, limit
from lantian.home.layout import RULES, WORKDAYS, Home
from lantian.i18n import gettext as _


def finding(home: Home, now: datetime) -> Finding:
    """Say whether the holidays of the days ahead are known.

    A year that is not known stops nobody: deadlines in it count weekends only and are marked
    provisional.
    """
    title = _("Working days and holidays")
    try:
        years = home.workdays().days.years
    except DomainError as error:
        fix = _("Correct {file} in the home.").format(file=f"{RULES}/{WORKDAYS}")
        return Finding("workdays.years", "fail", title, error.message, fix)
    today = now.astimezone(ZoneInfo(home.zone)).date()
    ahead = today + timedelta(days=limit("workdays", "ahead_days"))
    unknown = [year for year in range(today.year, ahead.year + 1) if year not in years]
    if not unknown:
        return Finding(
            "workdays.years",
            "ok",
            title,
            _("known up to {year}").format(year=_last(years, today.year)),
        )
    return Finding(
        "workdays.years",
        "warn",
        title,
        _(
            "The holidays and make-up working days of {year} are not known yet; deadlines in it "
            "count weekends only and are provisional."
        ).format(year=unknown[0]),
        _(
            "Update the package chinesecalendar, or list the days of {year} in {file} and name the "
            "year under complete."
        ).format(year=unknown[0], file=f"{RULES}/{WORKDAYS}"),
    )


def _last(years: frozenset[int], year: int) -> int:
    """Return the last of the known years that follow each other from ``year``."""
    while year + 1 in years:
        year += 1
    return year
