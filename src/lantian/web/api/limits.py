"""How much one program may ask for: enough for daily work, too little to occupy the server."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from lantian.errors import DomainError
from lantian.i18n import gettext as _

# A year of the hours of six pollutants of one station is 52,704 values, a month of the days of
# 1,000 stations 217,000: the questions that are asked. What is longer is asked in parts.
MOST_VALUES = 250_000
# As OpenAQ; the largest page is about 6 MB of JSON.
PAGE = 100
LARGEST_PAGE = 10_000
# A program that fetches a network station by station, five a second, stays below it.
REQUESTS = 300
WINDOW = 60.0  # s


class TooManyRequestsError(DomainError):
    """Somebody asked too often; ``data["retry_after"]`` says how many seconds to wait."""


class Throttle:
    """Counts the requests of each caller in a sliding window, in this process.

    Parameters
    ----------
    requests
        Most requests of one caller within ``window``.
    window
        Its length [s].
    """

    def __init__(
        self,
        requests: int = REQUESTS,
        window: float = WINDOW,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.requests = requests
        self.window = window
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def count(self, caller: str) -> None:
        """Count one request.

        Raises
        ------
        TooManyRequestsError
            ``api.throttled``.
        """
        now = self._clock()
        with self._lock:
            self._forget(now)
            times = self._seen.setdefault(caller, deque())
            if len(times) < self.requests:
                times.append(now)
                return
            wait = math.ceil(times[0] + self.window - now)
        raise TooManyRequestsError(
            "api.throttled",
            _("More than {n} requests in {seconds} s. Ask again in {wait} s.").format(
                n=self.requests, seconds=round(self.window), wait=wait
            ),
            {"retry_after": wait},
        )

    def _forget(self, now: float) -> None:
        """Drop what lies before the window, and callers of whom nothing is left."""
        for caller in list(self._seen):
            times = self._seen[caller]
            while times and times[0] <= now - self.window:
                times.popleft()
            if not times:
                del self._seen[caller]
