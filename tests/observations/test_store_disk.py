"""A disk that is full, or becomes full: told plainly, and nothing lands half."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import polars as pl
import pytest

from lantian.errors import DomainError
from lantian.observations import space, table
from lantian.observations.files import write_parquet
from lantian.observations.store import Store
from lantian.observations.table import Staging

from .stores import grid

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store.create(tmp_path / "store", zone="Asia/Shanghai")
    made.append(grid(2, 10), calibre="realtime", actor="li")
    return made


def test_space_is_asked_for_before_a_long_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 10**9))
    store.check_space(500 * 1024**2)
    with pytest.raises(DomainError, match=r"954 MB free and about 2,080 MB") as caught:
        store.check_space(2 * 1024**3)
    assert caught.value.code == "store.disk_full"
    assert caught.value.data["free_bytes"] == 10**9
    assert caught.value.data["needed_bytes"] == 2 * 1024**3 + space.RESERVE


def test_an_append_that_cannot_fit_is_not_begun(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**9, 10**9, 1000))
    with pytest.raises(DomainError, match="Nothing was stored") as caught:
        store.append(grid(3, 10), calibre="realtime", actor="li")
    assert caught.value.code == "store.disk_full"
    assert store.read().height == 40


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        pl.exceptions.ComputeError("No space left on device (os error 28)"),
    ],
)
def test_a_disk_that_fills_up_while_writing(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    before = store.read()
    written: list[Path] = []

    def failing(frame: pl.DataFrame, path: Path, **options: object) -> None:
        if written:
            path.write_bytes(b"PAR1 half")
            raise error
        written.append(path)
        write_parquet(frame, path, **options)

    monkeypatch.setattr(table, "write_parquet", failing)
    with pytest.raises(DomainError, match="full") as caught:
        store.append(grid(3, 2000, offset=1), calibre="realtime", actor="li")
    assert caught.value.code == "store.disk_full"
    monkeypatch.undo()
    assert len(list(store.table.folder.rglob("part-*.parquet"))) == 1
    assert store.read().equals(before)
    assert store.append(grid(3, 2000, offset=1), calibre="realtime", actor="li").id == 2


def test_another_error_while_writing_is_not_called_a_full_disk(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_staging: Staging, *_args: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Staging, "write", failing)
    with pytest.raises(PermissionError):
        store.append(grid(3, 20, offset=1), calibre="realtime", actor="li")
    assert store.batches().height == 1


def test_a_commit_that_landed_counts_even_if_what_follows_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.table.commit

    def commit_then_fail(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(store.table, "commit", commit_then_fail)
    with pytest.raises(OSError, match="I/O"):
        store.append(grid(3, 20), calibre="realtime", actor="li")
    monkeypatch.undo()
    # The files of a batch the log knows are never thrown away.
    assert store.read().height == 120
    assert store.batches().height == 2


SCRIPT = """
import resource, sys
from pathlib import Path
from lantian.errors import DomainError
from lantian.observations.store import Store
from tests.observations.stores import grid

store = Store.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    store.append(grid(40, 2000, offset=3), calibre="realtime", actor="li")
except DomainError as error:
    sys.exit(error.code)
"""


@pytest.mark.parametrize("limit", [0, 50, 300, 1000, 5000])
def test_the_system_refusing_more_bytes_at_different_points(store: Store, limit: int) -> None:
    """A limit on file size stands in for a full disk: it needs no special rights."""
    pytest.importorskip("resource")
    before = store.read()
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(store.path), str(limit)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.strip() == "store.disk_full"
    after = Store.open(store.path)
    assert after.read().equals(before)
    assert len(list(after.table.folder.rglob("part-*.parquet"))) == 1
    assert after.append(grid(40, 2000, offset=3), calibre="realtime", actor="li").id == 2
