"""Rendered pieces of pages, kept as long as what they show has not changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from lantian.i18n import active

_LIMIT = 64 * 1024**2  # characters kept in one process


class Pieces:
    """Text by key; the least recently used goes first when there is too much."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Hashable, str] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], str]) -> str:
        """Return the text of ``key``; made once, however many ask for it at the same time."""
        with self._lock:
            found = self._found(key)
            if found is not None:
                return found
            gate = self._making.setdefault(key, threading.Lock())
        with gate:
            with self._lock:
                found = self._found(key)
            if found is not None:
                return found
            try:
                made = make()
                self._keep(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made

    def _found(self, key: Hashable) -> str | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def _keep(self, key: Hashable, text: str) -> None:
        with self._lock:
            self._kept[key] = text
            self._size += len(text)
            while self._size > self._limit and len(self._kept) > 1:
                _key, dropped = self._kept.popitem(last=False)
                self._size -= len(dropped)


_pieces = Pieces()


def piece(view: str, stamp: str, *what: Hashable, make: Callable[[], str]) -> str:
    """Return a rendered piece of a page, from memory while ``stamp`` stays.

    Parameters
    ----------
    view
        Which piece.
    stamp
        ``Network.stamp`` of the days it shows: changes with anything the piece says.
    what
        Everything else it depends on: the filters, and what the person sees. The language in
        force is added.
    make
        Renders it.
    """
    return _pieces.get((view, stamp, active(), *what), make)
