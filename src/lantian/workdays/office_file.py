"""What an office says of its own days and hours: ``rules/workdays.toml`` of its home.

::

    schema = 1
    hours = ["08:30-12:00", "14:30-18:00"]

    # A year listed here whole, before the package knows it: no longer provisional.
    complete = [2027]

    [[off]]                      # free, though the calendar says worked
    from = 2027-02-05
    to = 2027-02-11
    why = "春节"

    [[on]]                       # worked, though the calendar says free
    from = 2027-02-13
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeGuard

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.workdays.calendar import Calendar
from lantian.workdays.days import Days, published
from lantian.workdays.hours import OfficeHours

SCHEMA = 1
_SHIPPED = Path(__file__).parent / "data" / "workdays.toml"
_KEYS = ("schema", "hours", "complete", "off", "on")
_MARK_KEYS = ("from", "to", "why")
_MOST_DAYS = 366  # of one entry: longer is a slip of the pen
_YEARS = range(2000, 2101)


def load(path: Path | None, zone: str) -> Calendar:
    """Return the working time of an office.

    Parameters
    ----------
    path
        The office's own file; None, or no such file: what is shipped.
    zone
        IANA time zone of the office.

    Raises
    ------
    InvalidArgumentError
        ``workdays.file``: the file cannot be read, or says something that is not understood;
        ``workdays.bad_hours``.
    """
    if path is None or not path.is_file():
        return _calendar(None, 0, 0, zone)
    about = path.stat()
    return _calendar(path, about.st_mtime_ns, about.st_size, zone)


@lru_cache(maxsize=16)
def _calendar(path: Path | None, _mtime: int, _size: int, zone: str) -> Calendar:
    """Return a calendar, kept because it remembers the years it has counted."""
    shipped = _shipped()
    month, day = map(int, shipped["december"]["value"].split("-"))
    days = published((month, day))
    hours = OfficeHours.of(shipped["hours"]["value"])
    if path is None:
        return Calendar(days, hours, zone)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(path, str(error)) from error
    return Calendar(_days(path, table, days), _hours(path, table, hours), zone)


@cache
def _shipped() -> dict[str, Any]:
    return tomllib.loads(_SHIPPED.read_text(encoding="utf-8"))


def _hours(path: Path, table: Mapping[str, Any], shipped: OfficeHours) -> OfficeHours:
    given = table.get("hours")
    if given is None:
        return shipped
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise _bad(path, _("hours is a list of texts such as 08:30-12:00"))
    return OfficeHours.of(given)


def _days(path: Path, table: Mapping[str, Any], days: Days) -> Days:
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise _bad(
            path,
            _("there is no setting {name}; known are {names}").format(
                name=unknown[0], names=", ".join(_KEYS)
            ),
        )
    if table.get("schema", SCHEMA) != SCHEMA:
        raise _bad(path, _("its schema is not {known}").format(known=SCHEMA))
    complete = table.get("complete", [])
    if not isinstance(complete, list) or not all(
        type(year) is int and year in _YEARS for year in complete
    ):
        raise _bad(path, _("complete is a list of years"))
    marked: dict[date, bool] = {}
    for key, worked in (("off", False), ("on", True)):
        for day in _marked(path, table.get(key, []), key):
            if marked.setdefault(day, worked) != worked:
                raise _bad(path, _("{day} is both free and worked").format(day=day))
    return days.with_office(marked, frozenset(complete))


def _marked(path: Path, entries: object, key: str) -> Iterator[date]:
    if not isinstance(entries, list):
        raise _bad(path, _("[[{key}]] is a list of tables").format(key=key))
    for number, entry in enumerate(entries, start=1):
        where = f"[[{key}]] {number}"
        if not isinstance(entry, dict) or not set(entry) <= set(_MARK_KEYS):
            raise _bad(path, _("{where} has from, to and why only").format(where=where))
        first, why = entry.get("from"), entry.get("why", "")
        last = entry.get("to", first)
        if not _is_day(first) or not _is_day(last) or not isinstance(why, str):
            raise _bad(path, _("{where} needs days such as 2027-02-05").format(where=where))
        length = (last - first).days + 1
        if not 1 <= length <= _MOST_DAYS:
            raise _bad(path, _("{where} ends before it begins, or is too long").format(where=where))
        yield from (first + timedelta(days=n) for n in range(length))


def _is_day(value: object) -> TypeGuard[date]:
    return isinstance(value, date) and not isinstance(value, datetime)


def _bad(path: Path, reason: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "workdays.file",
        _("The file of working days {file} cannot be used: {reason}. Correct the file.").format(
            file=path.name, reason=reason
        ),
        {"file": path.name},
    )
