"""Large and bent files are refused before they cost memory or time."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import UploadedFile

from lantian.errors import InvalidArgumentError
from lantian.web.evidence import folder
from lantian.web.evidence.actions import store
from lantian.web.evidence.models import File
from tests.web.evidence.files import picture, sent
from tests.web.world import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty")]
MEGABYTE = 1024**2
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def bomb() -> bytes:
    """Return a PNG of 50 kB that unpacks to 1.2 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(50 * MEGABYTE), 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(50 * MEGABYTE))
    return out.getvalue()


CHEAP = {
    "a picture and an archive": (picture() + zip_bomb(), "photo.jpg", "two_things"),
    "a picture and a page": (picture() + b"<html>x</html>", "photo.jpg", "two_things"),
    "an archive called a photograph": (zip_bomb(), "photo.jpg", "unknown_kind"),
    "a picture that unpacks to 1.2 GB": (bomb(), "photo.png", "too_many_pixels"),
    "a drawing with a program": (SVG, "drawing.svg", "unknown_kind"),
    "a drawing called a photograph": (SVG, "photo.jpg", "unknown_kind"),
    "a program called a photograph": (b"MZ" + bytes(2000), "photo.jpg", "unknown_kind"),
}


@pytest.mark.parametrize("what", CHEAP)
def test_it_is_refused_with_a_clear_message_at_little_cost(what: str) -> None:
    data, name, code = CHEAP[what]
    upload = sent(data, name)
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(InvalidArgumentError) as caught:
            store(upload, None, NOW)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == f"evidence.{code}"
    assert name in caught.value.message
    assert most < 10 * MEGABYTE
    assert time.perf_counter() - began < 1.0
    assert not File.objects.exists()
    assert [p for p in folder.root().rglob("*") if p.is_file()] == []


class Stream(UploadedFile):
    """Two gigabytes that nobody has anywhere."""

    read_so_far = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        piece = b"\xff\xd8\xff" + bytes(MEGABYTE - 3)
        for _n in range(2048):
            self.read_so_far += len(piece)
            yield piece


def test_a_stream_of_two_gigabytes_is_left_where_the_limit_is() -> None:
    upload = Stream(name="photo.jpg", size=2048 * MEGABYTE)
    tracemalloc.start()
    began = time.perf_counter()
    try:
        with pytest.raises(InvalidArgumentError, match="larger than"):
            store(upload, None, NOW)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert upload.read_so_far <= 32 * MEGABYTE
    assert most < 10 * MEGABYTE
    assert time.perf_counter() - began < 3.0
    assert [p for p in folder.root().rglob("*") if p.is_file()] == []
