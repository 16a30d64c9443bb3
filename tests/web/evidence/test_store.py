"""Files are kept as they came, once, by what they hold; what is something else is refused."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home import backup, restore
from lantian.home.layout import Home
from lantian.network import Network
from lantian.web.audit.models import Event
from lantian.web.evidence import evidence_files, folder
from lantian.web.evidence.actions import store
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.models import File
from tests.web.evidence.files import archive, pdf, picture, sent
from tests.web.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty")]


def png_of(width: int, height: int) -> bytes:
    """Return a tiny PNG that says it is as large as this."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data)
        )  # fmt: skip

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def gif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "GIF")
    return out.getvalue()


def moving() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), c) for c in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


def left_over() -> list[Path]:
    return [p for p in folder.root().rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (picture("JPEG"), "a.jpg", "jpeg"),
        (picture("PNG"), "a.png", "png"),
        (picture("WEBP"), "a.webp", "webp"),
        (pdf(), "a.pdf", "pdf"),
        (picture("PNG", 7), "not really.pdf", "png"),  # a name does not count
    ],
)
def test_a_file_is_kept_as_it_came_and_once(data: bytes, name: str, kind: str) -> None:
    file = store(sent(data, name), None, NOW)
    again = store(sent(data, "other.jpg"), None, NOW)
    assert again.pk == file.pk
    assert (file.kind, file.size, file.sha256) == (
        kind, len(data), hashlib.sha256(data).hexdigest(),
    )  # fmt: skip
    path = folder.path_of(file.sha256)
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.name == file.sha256[:2]
    assert left_over() == [path]
    logged = Event.objects.filter(action="evidence.stored")
    assert [e.object_id for e in logged] == [str(file.pk)]
    if file.is_picture:
        assert (file.width, file.height) == (640, 480)
        with Image.open(io.BytesIO(folder.read_small(file))) as small:
            assert max(small.size) == LIMITS.thumbnail
            assert small.format == "JPEG"


ATTACKS = [
    (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "unknown_kind"),
    (b"<html><script>alert(1)</script>", "unknown_kind"),
    (b"MZ" + bytes(200), "unknown_kind"),
    (gif(), "unknown_kind"),
    (picture() + archive(), "two_things"),
    (picture("PNG") + b"<?php system($_GET[0]);", "two_things"),
    (picture("PNG") + bytes(3), "two_things"),
    (picture("WEBP") + bytes(10), "two_things"),
    (picture() + b"<ScRiPt>alert(1)</script>", "two_things"),
    (picture()[:20] + pdf() + picture()[20:], "two_things"),
    (pdf() + archive(), "two_things"),
    (pdf(b"/OpenAction <</S /JavaScript /JS (x)>>"), "active"),
    (pdf(b"/Encrypt 5 0 R "), "active"),
    (pdf()[:-6], "damaged"),
    (picture()[:-200], "damaged"),
    (b"\xff\xd8\xff\xe0" + bytes(100), "damaged"),
    (png_of(20_000, 20_000), "too_many_pixels"),
    (png_of(100, 100), "damaged"),
    (moving(), "animated"),
    (b"", "empty"),
]


@pytest.mark.parametrize(("data", "code"), ATTACKS)
def test_what_is_no_picture_or_document_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        store(sent(data, "photo.jpg"), None, NOW)
    assert caught.value.code == f"evidence.{code}"
    assert "photo.jpg" in caught.value.message
    assert left_over() == []
    assert not File.objects.exists()


def test_a_file_over_the_limit_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def endless() -> object:
        nonlocal read
        while True:
            read += 1
            yield bytes(1024**2)

    upload = sent(b"x")
    monkeypatch.setattr(upload, "chunks", endless)
    with pytest.raises(InvalidArgumentError, match="larger than"):
        store(upload, None, NOW)
    assert read == LIMITS.bytes // 1024**2 + 1
    assert left_over() == []


def test_a_large_picture_is_refused_though_a_document_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    padded = picture() + bytes(LIMITS.picture_mb * 1024**2)
    with pytest.raises(InvalidArgumentError, match=f"larger than {LIMITS.picture_mb} MB"):
        store(sent(padded), None, NOW)


def test_what_was_changed_on_the_disk_is_not_shown_and_the_doctor_says_so(
    empty: Network,
) -> None:
    home: Home = settings.HOME
    kept = [store(sent(picture(seed=n)), None, NOW) for n in (1, 2)]
    assert evidence_files.findings(home)[0].state == "ok"
    path = folder.path_of(kept[0].sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DomainError, match="not what was stored"):
        folder.read(kept[0])
    found, _compared = evidence_files.findings(home)
    assert found.state == "fail"
    assert "1 changed" in found.message
    folder.path_of(kept[1].sha256).unlink()
    assert "1 files are missing" in evidence_files.findings(home)[0].message
    with pytest.raises(DomainError, match="missing on the disk"):
        folder.read_small(File.objects.create(sha256="0" * 64, kind="jpeg", size=1, width=1,
                                              height=1, at=NOW))  # fmt: skip


def test_a_backup_brings_evidence_back_for_its_owner_only(tmp_path: Path) -> None:
    home: Home = settings.HOME
    file = store(sent(picture()), None, NOW)
    made = backup.backup(home.path, tmp_path / "all.tar", actor="tests", database=False)
    restore.restore(made.path, tmp_path / "back")
    kept = tmp_path / "back" / folder.path_of(file.sha256).relative_to(home.path)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == file.sha256
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "back").rglob("*.jpg"))  # small pictures are made again
