"""Finding the same photograph among all that are kept."""

from __future__ import annotations

import threading

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from lantian.web.evidence import folder
from lantian.web.evidence.likeness import BYTES, Look, look, unlikeness
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.models import PICTURES, File, Likeness, Print

# Rows that are asked for again each time: a database may show a lower number after a higher one.
_AGAIN = 2000
_WORDS = BYTES // 8
# Whole against whole, and each whole against the other's middle: one of two may have been cut.
_PAIRS = ((0, 0), (0, 1), (1, 0))


class Shelf:
    """The hashes of all pictures in memory: 72 bytes each, read once, and then only what is new.

    Every one is compared: 100,000 of them take a few milliseconds, and none is missed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: NDArray[np.int64] = np.empty(0, np.int64)
        self._bits: NDArray[np.uint64] = np.empty((0, _WORDS), np.uint64)
        self._of = ""

    def near(self, bits: bytes, besides: int) -> list[int]:
        """Return the files whose hashes are near one, the nearest first."""
        with self._lock:
            self._refresh()
            keys, all_bits = self._keys, self._bits
        mine = np.frombuffer(bits, np.uint64).reshape(2, -1)
        theirs = all_bits.reshape(len(keys), 2, -1)
        far = np.min(
            [np.bitwise_count(theirs[:, b] ^ mine[a]).sum(axis=1) for a, b in _PAIRS], axis=0
        )
        found = np.flatnonzero((far <= LIMITS.likeness.bits) & (keys != besides))
        best = found[np.argsort(far[found], kind="stable")][: LIMITS.likeness.closely]
        return [int(k) for k in keys[best]]

    def _refresh(self) -> None:
        database = str(connection.settings_dict["NAME"])
        if database != self._of:
            self._keys, self._bits, self._of = self._keys[:0], self._bits[:0], database
        since = int(self._keys[-_AGAIN]) if len(self._keys) > _AGAIN else 0
        rows = Print.objects.filter(pk__gte=since, plain=False).order_by("pk")
        fresh = list(rows.values_list("pk", "bits"))
        kept = int(np.searchsorted(self._keys, since))
        keys = np.array([pk for pk, _bits in fresh], np.int64)
        joined = b"".join(bytes(b) for _pk, b in fresh)
        bits = np.frombuffer(joined, np.uint64).reshape(-1, _WORDS)
        self._keys = np.concatenate([self._keys[:kept], keys])
        self._bits = np.concatenate([self._bits[:kept], bits])


_SHELF = Shelf()


def taken_up(file: File) -> Print:
    """Keep what a picture looks like, and to which others it is like; once.

    Raises
    ------
    DomainError
        ``evidence.lost``, ``evidence.changed``.
    """
    seen = look(folder.small_path(file))
    with transaction.atomic():
        row, _new = Print.objects.get_or_create(
            file=file, defaults={"bits": seen.bits, "plain": seen.plain}
        )
        compare(row, seen)
    return row


def compare(row: Print, seen: Look | None = None) -> int:
    """Write down which pictures are the same photograph as one; return how many are new."""
    if row.plain:
        return 0
    mine = seen or look(folder.small_path(row.file))
    new = 0
    near = _SHELF.near(bytes(row.bits), row.pk)
    files = File.objects.in_bulk(near)
    for key in near:
        other = look(folder.small_path(files[key]))
        left = unlikeness(mine.grey, other.grey, LIMITS.likeness.unlikeness)
        if left <= LIMITS.likeness.unlikeness:
            first, second = sorted((row.pk, key))
            _row, made = Likeness.objects.get_or_create(
                first_id=first, second_id=second, defaults={"unlikeness": round(left, 4)}
            )
            new += made
    return new


def waiting() -> int:
    """Return how many pictures nobody has looked at yet."""
    return File.objects.filter(kind__in=PICTURES, print=None).count()
