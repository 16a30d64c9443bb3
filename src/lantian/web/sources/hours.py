"""Working hours as people write them: days of the week and times of the day."""

from __future__ import annotations

import re
import unicodedata

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

_DAYS = re.compile(r"([1-7])(?:-([1-7]))?")
_TIMES = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_WHOLE = frozenset({"24h", "24小时", "全天", "昼夜", "24"})
ROUND_THE_CLOCK = "00:00-24:00"


def working_hours(text: str) -> str:
    """Return working hours in one way of writing: ``1-6 08:00-12:00,14:00-18:00; 7 08:00-12:00``.

    Days count from Monday, 1, to Sunday, 7; without days every day is meant. A time that ends
    before it begins goes over midnight. ``24h`` and 全天 are the whole day.

    Raises
    ------
    InvalidArgumentError
        ``sources.bad_hours``.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    for sign, other in (("、", ","), ("~", "-"), ("—", "-"), ("–", "-"), ("至", "-")):
        plain = plain.replace(sign, other)
    plain = re.sub(r"\s*([,;:-])\s*", r"\1", plain)
    parts = [_part(p.split(), text) for p in plain.split(";") if p.strip()]
    return "; ".join(parts)


def _part(words: list[str], text: str) -> str:
    days = ""
    if len(words) == 2:
        found = _DAYS.fullmatch(words[0])
        if found is None or (found[2] and found[2] < found[1]):
            raise _bad(text)
        days = f"{words[0]} "
    elif len(words) != 1:
        raise _bad(text)
    if words[-1].lower() in _WHOLE:
        return days + ROUND_THE_CLOCK
    return days + ",".join(_times(t, text) for t in words[-1].split(","))


def _times(one: str, text: str) -> str:
    found = _TIMES.fullmatch(one)
    if found is None:
        raise _bad(text)
    hour, minute, last_hour, last_minute = map(int, found.groups())
    first, last = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or first >= 1440 or last > 1440 or first == last:
        raise _bad(text)
    return f"{hour:02}:{minute:02}-{last_hour:02}:{last_minute:02}"


def _bad(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "sources.bad_hours",
        _(
            "“{text}” are no working hours. Write days (1 Monday … 7 Sunday) and times, such as "
            "1-6 08:00-12:00,14:00-18:00; 7 08:00-12:00, or 24h."
        ).format(text=text),
        {"value": text},
    )
