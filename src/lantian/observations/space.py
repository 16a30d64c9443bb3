"""Room on the disk: asked before writing, and told plainly when it runs out all the same."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lantian.errors import DomainError
from lantian.i18n import gettext as _

# Left free always, so that logs, the ledger and an undo still fit when data no longer do.
RESERVE = 32 * 1024**2
# A stored row before compression: time, value and six dictionary codes. Compressed rows of real
# networks take 2–6 bytes, so a load that passes this check has room to spare.
BYTES_PER_ROW = 24

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Engines that wrap the system's error keep only its words.
_FULL_WORDS = ("no space left on device", "os error 28", "os error 122", "file too large")


def check(folder: Path, needed: int) -> None:
    """Make sure ``needed`` bytes can be written under ``folder``.

    Raises
    ------
    DomainError
        ``store.disk_full``: fewer bytes are free than needed plus a small reserve.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise full(folder, needed=needed + RESERVE)


def full(folder: Path, needed: int | None = None) -> DomainError:
    """Return the error that says the disk of ``folder`` is full."""
    free = shutil.disk_usage(folder).free
    data = {"path": str(folder), "free_bytes": free, "needed_bytes": needed}
    if needed is None:
        message = _(
            "The disk that holds {path} is full ({free} MB free). Nothing was stored. "
            "Free some space and try again."
        ).format(path=folder, free=_megabytes(free))
    else:
        message = _(
            "The disk that holds {path} has {free} MB free and about {needed} MB are needed. "
            "Nothing was stored. Free some space and try again."
        ).format(path=folder, free=_megabytes(free), needed=_megabytes(needed))
    return DomainError("store.disk_full", message, data)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Turn a write that failed for want of room under ``folder`` into ``store.disk_full``."""
    try:
        yield
    except Exception as error:
        # Each engine wraps the system's error in a class of its own, so all are looked at.
        if is_full(error):
            raise full(folder) from error
        raise


def is_full(error: BaseException) -> bool:
    """Say whether ``error`` means that no more bytes could be written."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    text = str(error).lower()
    return any(words in text for words in _FULL_WORDS)


def _megabytes(count: int) -> str:
    return f"{count / 1024**2:,.0f}"
