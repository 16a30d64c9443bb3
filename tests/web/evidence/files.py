"""Files as people and attackers send them."""

from __future__ import annotations

import io
import random
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture(kind: str = "JPEG", seed: int = 1, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a picture that no other seed gives."""
    colour = tuple(random.Random(seed).randrange(256) for _ in range(3))
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def pdf(more: bytes = b"") -> bytes:
    return b"%PDF-1.4\n1 0 obj <</Type /Catalog " + more + b">> endobj\ntrailer\n%%EOF\n"


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "x")
    return out.getvalue()


def sent(data: bytes, name: str = "photo.jpg", told: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, told)
