"""Small things about files that must be either there whole or not at all."""

from __future__ import annotations

import os
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl


def printable(path: Path | str) -> str:
    """Return a path or name as text that can be printed and stored, whatever its bytes.

    Archives packed on Windows bring names in GBK, which are no UTF-8; those are read as GBK.
    """
    raw = os.fsencode(path)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace")


def name_of(path: Path) -> str:
    """Return the name of a file without its folder, as `printable` text."""
    return printable(path.name)


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` so that a reader sees the old file or the new one, never a part."""
    temporary = temporary_beside(path)
    try:
        temporary.write_bytes(data)
        settle(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    settle(path.parent)


def write_parquet(frame: pl.DataFrame, path: Path, **options: Any) -> None:  # noqa: ANN401 - of Polars
    """Write a Parquet file and make sure it is on the disk.

    It is made in memory, where it takes a few bytes a row, and written by the system's own call:
    the engine loses the reason when the disk fills up under its footer.
    """
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True, **options)
    with path.open("wb") as file:
        file.write(buffer.getbuffer())
        file.flush()
        os.fsync(file.fileno())


def temporary_beside(path: Path) -> Path:
    """Return an unused hidden name in the folder of ``path``, with the same suffix."""
    return path.with_name(f".{path.stem}-{uuid.uuid4().hex}{path.suffix}")


def settle(path: Path) -> None:
    """Make sure a file, or the entries of a folder, are on the disk and survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
