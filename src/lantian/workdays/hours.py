"""The hours of a working day in which the office works."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _

_SESSION = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
MINUTE = 60_000_000  # [µs]


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Sessions of a working day in their order, each from and to, minutes after midnight."""

    sessions: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        ends = [-1, *(moment for session in self.sessions for moment in session)]
        if not self.sessions or any(a >= b for a, b in itertools.pairwise(ends)):
            raise InvalidArgumentError(
                "workdays.bad_hours",
                _(
                    "Office hours are sessions in the order of the day that do not meet, such as "
                    "08:30-12:00 and 14:00-17:30."
                ),
            )

    @classmethod
    def of(cls, texts: Sequence[str]) -> OfficeHours:
        """Read sessions such as ``"08:30-12:00"``.

        Raises
        ------
        InvalidArgumentError
            ``workdays.bad_hours``.
        """
        sessions = []
        for text in texts:
            found = _SESSION.fullmatch(text)
            if found is None:
                raise InvalidArgumentError(
                    "workdays.bad_hours",
                    _("“{text}” is no session of office hours; write it as 08:30-12:00.").format(
                        text=text
                    ),
                    {"value": text},
                )
            a, b, c, d = map(int, found.groups())
            sessions.append((a * 60 + b, c * 60 + d))
        return cls(tuple(sessions))

    @property
    def length(self) -> int:
        """Working time of a day [µs]."""
        return MINUTE * sum(end - start for start, end in self.sessions)

    @property
    def close(self) -> timedelta:
        """When the last session ends, after midnight."""
        return timedelta(minutes=self.sessions[-1][1])

    def worked(self, time: int) -> int:
        """Return the working time that is over at ``time`` after midnight [µs]."""
        return sum(max(0, min(time, end * MINUTE) - start * MINUTE) for start, end in self.sessions)

    def reached(self, worked: int) -> int:
        """Return the first time after midnight at which ``worked`` is over [µs].

        Parameters
        ----------
        worked
            More than 0 and not more than the length of the day [µs].
        """
        left = worked
        for start, end in self.sessions:
            length = (end - start) * MINUTE
            if left <= length:
                return start * MINUTE + left
            left -= length
        raise InvalidArgumentError(
            "workdays.too_long", _("A working day is shorter than what was asked for.")
        )
