"""A backup is the home; a restore is the home again or nothing."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lantian.errors import DomainError
from lantian.home import Home, settings_file
from lantian.home import backup as backup_module
from lantian.home.backup import backup, last_backup
from lantian.home.restore import restore
from lantian.observations import space
from lantian.observations.store import Store
from tests.home.conftest import NOW, clock, sample

Contents = Callable[[Path], dict[str, bytes]]
NOT_STATE = {"store/writer.lock", "store/writer.json", "last_backup.json"}


def state(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name not in NOT_STATE}


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz"])
def test_round_trip(home: Home, tmp_path: Path, contents: Contents, name: str) -> None:
    home.store.append(sample(31.0), calibre="realtime", actor="b", clock=clock)
    home.choose("o3_exemption", False)
    (home.path / "rules").mkdir()
    (home.path / "rules" / "quality.toml").write_text("[range.co.any]\nsuspect_above = 12\n")
    seen: list[int] = []
    made = backup(
        home.path,
        tmp_path / name,
        actor="a",
        clock=clock,
        progress=lambda _task, done, _total: seen.append(done),
    )
    assert made.path == tmp_path / name
    assert made.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()
    assert seen == [*range(made.files), made.files]
    back = restore(made.path, tmp_path / "new")
    assert (back.files, back.made_at) == (made.files, NOW)
    assert state(contents(tmp_path / "new")) == state(contents(home.path))
    assert last_backup(tmp_path / "new") == replace(made, restored=True)
    again = Home.open(tmp_path / "new")
    assert again.settings == home.settings
    assert again.store.read().equals(home.store.read())
    assert again.store.batches().equals(home.store.batches())
    assert again.thresholds().get("range", "co", "1h", "suspect_above") == 12.0
    # and it goes on from there
    again.store.append(sample(32.0), calibre="realtime", actor="c", clock=clock)
    assert again.store.batches().height == 3


def test_a_gzipped_backup_is_gzipped(home: Home, tmp_path: Path) -> None:
    made = backup(home.path, tmp_path / "b.tgz", actor="a", clock=clock)
    assert made.path.read_bytes()[:2] == b"\x1f\x8b"


def test_without_a_target_it_goes_to_the_home_and_leaves_other_backups_out(home: Home) -> None:
    first = backup(home.path, actor="a", clock=clock)
    assert first.path == home.backups / "lantian-20260301-080000.tar"
    assert last_backup(home.path) == first
    with pytest.raises(DomainError, match="never replaces") as error:
        backup(home.path, actor="a", clock=clock)
    assert error.value.code == "backup.exists"
    second = backup(home.path, home.backups / "other.tar", actor="a", clock=clock)
    assert second.files == first.files


def test_leftovers_of_killed_writers_are_not_part_of_it(home: Home, tmp_path: Path) -> None:
    plain = backup(home.path, tmp_path / "1.tar", actor="a", clock=clock)
    (home.path / ".settings-abc.toml").write_text("half")
    assert backup(home.path, tmp_path / "2.tar", actor="a", clock=clock).files == plain.files


def test_a_backup_waits_for_no_writer_for_ever(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_module, "LOCK_TIMEOUT", 0.01)
    other = Store.open(home.path / "store")
    with other.writing("import", "somebody", clock), pytest.raises(DomainError) as error:
        backup(home.path, tmp_path / "b.tar", actor="a", clock=clock)
    assert error.value.code == "store.locked"
    assert "somebody" in error.value.message
    assert not list(tmp_path.glob("*.tar*"))


def test_a_full_disk_leaves_no_part_of_a_backup(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil._ntuple_diskusage(10, 10, 0)  # type: ignore[attr-defined]
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _path: full)
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(DomainError, match="0 MB free") as error:
        backup(home.path, target, actor="a", clock=clock)
    assert error.value.code == "store.disk_full"
    assert list(target.iterdir()) == []
    assert last_backup(home.path) is None


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("file/b.tar", "backup.no_folder"),
        ("other-disk/b.tar", "backup.no_folder"),  # not mounted: its place is on the root disk
        ("mnt/other-disk", "backup.no_folder"),
        ("other-disk", "backup.bad_name"),
        ("b.zip", "backup.bad_name"),
    ],
)
def test_a_folder_that_is_not_there_is_not_made(
    home: Home, tmp_path: Path, target: str, code: str
) -> None:
    (tmp_path / "file").write_text("")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(DomainError, match=r"(Is|is) the disk mounted") as error:
        backup(home.path, tmp_path / target, actor="a", clock=clock)
    assert error.value.code == code
    assert sorted(tmp_path.iterdir()) == before


def test_the_folder_of_backups_in_the_home_is_made(home: Home) -> None:
    made = backup(home.path, home.path / "kept" / "b.tar", actor="a", clock=clock)
    assert made.path.is_file()


def test_no_home_no_backup(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as error:
        backup(tmp_path / "h", tmp_path / "b.tar", actor="a")
    assert error.value.code == "home.not_initialised"


def test_a_store_linked_to_from_the_home_is_part_of_the_backup(home: Home, tmp_path: Path) -> None:
    (home.path / "store").rename(tmp_path / "large")
    (home.path / "store").symlink_to(tmp_path / "large")
    (home.path / "rules").mkdir()
    (home.path / "rules" / "round").symlink_to(home.path)  # not to be walked for ever
    made = backup(home.path, tmp_path / "b.tar", actor="a", clock=clock)
    restore(made.path, tmp_path / "new")
    assert not (tmp_path / "new" / "store").is_symlink()
    assert Home.open(tmp_path / "new").store.read().equals(home.store.read())


def test_a_disk_that_is_not_mounted_is_no_backup_without_it(home: Home, tmp_path: Path) -> None:
    (home.path / "store").rename(tmp_path / "large")
    (home.path / "store").symlink_to(tmp_path / "absent")
    with pytest.raises(DomainError, match="store is a link to something that is not") as error:
        backup(home.path, tmp_path / "b.tar", actor="a", clock=clock)
    assert error.value.code == "backup.broken_link"
    assert not list(tmp_path.glob("*.tar*"))


# -- restoring what is not whole


@pytest.fixture
def archive(home: Home, tmp_path: Path) -> Path:
    return backup(home.path, tmp_path / "b.tar", actor="a", clock=clock).path


def refused(archive: Path, target: Path) -> DomainError:
    """Return the error of a restore, having seen that it left nothing."""
    before = {p.name for p in target.parent.iterdir()}
    with pytest.raises(DomainError) as error:
        restore(archive, target)
    assert {p.name for p in target.parent.iterdir()} == before
    return error.value


def rewrite(
    archive: Path, change: Callable[[tarfile.TarInfo, bytes], list[tuple[str, bytes]]]
) -> None:
    """Write the archive anew with each member as ``change`` wants it."""
    with tarfile.open(archive) as old:
        members = [(m, old.extractfile(m)) for m in old]
        data = [(m, f.read()) for m, f in members if f is not None]
    with tarfile.open(archive, "w") as new:
        for member, content in data:
            for name, text in change(member, content):
                info = tarfile.TarInfo(name)
                info.size = len(text)
                new.addfile(info, io.BytesIO(text))


def test_restore_refuses_a_folder_that_is_not_empty(
    archive: Path, home: Home, contents: Contents
) -> None:
    before = contents(home.path)
    assert refused(archive, home.path).code == "restore.not_empty"
    assert contents(home.path) == before


def test_restore_into_an_empty_folder_with_leftovers(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "new" / ".restore-killed" / "store").mkdir(parents=True)
    restore(archive, tmp_path / "new")
    assert Home.open(tmp_path / "new").store.read().height == 48
    assert not list((tmp_path / "new").glob(".restore*"))


def test_restore_onto_a_disk_of_its_own(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mount"
    (target / "lost+found").mkdir(parents=True)
    real = Path.is_mount
    monkeypatch.setattr(Path, "is_mount", lambda self: self == target or real(self))
    restore(archive, target)
    assert Home.open(target).store.read().height == 48
    assert not list(target.glob(".restore*"))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("name", ["c.tar", "c.tar.gz"])
def test_an_archive_cut_short(home: Home, tmp_path: Path, keep: float, name: str) -> None:
    whole = backup(home.path, tmp_path / name, actor="a", clock=clock).path
    data = whole.read_bytes()
    end = len(data) if name.endswith("gz") else data.rindex(b'"files"') + 200
    whole.write_bytes(data[: int(end * keep)])
    error = refused(whole, tmp_path / "new")
    assert error.code in {"restore.damaged", "restore.not_a_backup"}
    assert name in error.message
    assert not (tmp_path / "new").exists()


def test_one_changed_byte(archive: Path, tmp_path: Path) -> None:
    data = bytearray(archive.read_bytes())
    at = data.index(b"PAR1") + 40
    data[at] ^= 1
    archive.write_bytes(bytes(data))
    error = refused(archive, tmp_path / "new")
    assert error.code == "restore.damaged"
    assert ".parquet" in error.message


def test_a_changed_byte_of_a_gzipped_backup_is_seen_or_harmless(
    home: Home, tmp_path: Path, contents: Contents
) -> None:
    whole = backup(home.path, tmp_path / "c.tar.gz", actor="a", clock=clock).path
    restore(whole, tmp_path / "right")
    data, codes = whole.read_bytes(), set()
    for at in range(10, len(data), len(data) // 60):
        whole.write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        target = tmp_path / str(at)
        try:
            restore(whole, target)
        except DomainError as error:
            codes.add(error.code)
            assert not target.exists()
        else:  # the name or time in a header
            assert state(contents(target)) == state(contents(tmp_path / "right"))
    assert "restore.damaged" in codes
    assert codes <= {"restore.damaged", "restore.not_a_backup"}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"format": 1}',
        '{"format": 1, "made_at": "2026-01-01T00:00:00+00:00", "files": 5}',
        '{"format": 1, "made_at": "2026-01-01T00:00:00+00:00", "files": [{"path": "a"}]}',
        '{"format": 1, "made_at": "yesterday", "files": []}',
    ],
)
def test_a_manifest_that_is_none(archive: Path, tmp_path: Path, text: str) -> None:
    rewrite(archive, lambda m, c: [(m.name, text.encode() if m.name == "manifest.json" else c)])
    assert refused(archive, tmp_path / "new").code == "restore.damaged"


@pytest.mark.parametrize("name", ["settings.toml/inside", "x" * 300])
def test_a_member_no_folder_can_hold(archive: Path, tmp_path: Path, name: str) -> None:
    rewrite(archive, lambda m, c: [(m.name, c), (name, b"x")][: 1 + (m.name == "settings.toml")])
    assert refused(archive, tmp_path / "new").code == "restore.damaged"


def test_a_place_that_cannot_be_written(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DomainError, match="cannot be restored to") as error:
        restore(archive, tmp_path / "file" / "new")
    assert error.value.code == "restore.not_written"


def test_a_file_missing_or_too_many(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    rewrite(archive, lambda m, c: [] if m.name.endswith(".parquet") else [(m.name, c)])
    assert refused(archive, tmp_path / "new").code == "restore.damaged"
    archive.write_bytes(whole)
    rewrite(archive, lambda m, c: [(m.name, c), ("rules/more.toml", b"x")][:2])
    assert refused(archive, tmp_path / "new").code == "restore.damaged"


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_a_member_that_would_leave_the_folder(archive: Path, tmp_path: Path, name: str) -> None:
    rewrite(archive, lambda m, c: [(name if m.name == "settings.toml" else m.name, c)])
    assert refused(archive, tmp_path / "new").code == "restore.not_a_backup"
    assert not (tmp_path / "evil").exists()


def test_what_is_no_backup(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a tar at all" * 100)
    assert refused(text, tmp_path / "new").code == "restore.not_a_backup"
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w"):
        pass
    assert refused(other, tmp_path / "new").code == "restore.not_a_backup"
    assert refused(tmp_path / "none.tar", tmp_path / "new").code == "restore.not_found"


def test_a_backup_of_a_later_version(archive: Path, tmp_path: Path) -> None:
    def later(member: tarfile.TarInfo, content: bytes) -> list[tuple[str, bytes]]:
        if member.name == "manifest.json":
            content = json.dumps({**json.loads(content), "format": 99}).encode()
        return [(member.name, content)]

    rewrite(archive, later)
    assert refused(archive, tmp_path / "new").code == "restore.too_new"


def test_a_home_of_a_later_version(home: Home, tmp_path: Path, monkeypatch: Any) -> None:
    text = (home.path / "settings.toml").read_text("utf-8").replace("schema = 1", "schema = 2")
    (home.path / "settings.toml").write_text(text, "utf-8")
    monkeypatch.setattr(settings_file, "SCHEMA", 2)
    archive = backup(home.path, tmp_path / "b.tar", actor="a", clock=clock).path
    monkeypatch.setattr(settings_file, "SCHEMA", 1)
    assert refused(archive, tmp_path / "new").code == "home.too_new"
