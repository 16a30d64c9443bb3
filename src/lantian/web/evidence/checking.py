"""What a file is, judged by what it holds: its name and what the browser says of it do not count.

Pictures are decoded whole, so that what is kept can be shown; a file that is something else besides
(a polyglot) is refused where a look at its bytes tells. What slips through is harmless: files are
served with their own type, never guessed at, and documents only to be saved.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from PIL import Image, ImageOps

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.evidence.limits import LIMITS

# The size is compared with our own limit before anything is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
_FORMATS = {"jpeg": ("JPEG",), "png": ("PNG",), "webp": ("WEBP",)}
# What Pillow raises for files that are not what their first bytes promise.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError, EOFError,
    RuntimeError, ArithmeticError, AssertionError, MemoryError, struct.error, zlib.error,
)  # fmt: skip
_PNG = b"\x89PNG\r\n\x1a\n"
_MARKUP = re.compile(rb"<(script|html|svg|iframe|\?php|!doctype)", re.IGNORECASE)
_ACTIVE = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia|Encrypt)\b")
_END_OF_ZIP = b"PK\x05\x06"
_ZIP_TAIL = 22 + 65535  # bytes of the record that ends a ZIP, with the longest comment
_PDF_HEAD = 1024  # bytes within which readers look for the beginning of a PDF, or its end


@dataclass(frozen=True)
class Checked:
    """What a file is.

    Parameters
    ----------
    kind
        ``jpeg``, ``png``, ``webp`` or ``pdf``.
    width, height
        Of a picture [px]; None: a document.
    thumbnail
        Of a picture: a small JPEG, upright and without what the camera wrote.
    """

    kind: str
    width: int | None = None
    height: int | None = None
    thumbnail: Path | None = None


def check(path: Path, name: str, thumbnail: Path) -> Checked:
    """Say what a file is, and write the small picture of a picture.

    Parameters
    ----------
    name
        What the person calls it, for the message.

    Raises
    ------
    InvalidArgumentError
        ``evidence.unknown_kind``, ``evidence.too_large``, ``evidence.too_many_pixels``,
        ``evidence.animated``, ``evidence.damaged``, ``evidence.two_things``,
        ``evidence.active``.
    """
    data = path.read_bytes()
    kind = kind_of(data[:16])
    if kind is None:
        raise InvalidArgumentError(
            "evidence.unknown_kind",
            _(
                "{name} is no JPEG, PNG or WebP picture and no PDF, whatever its name says. Take "
                "a photograph, or save it as one of these."
            ).format(name=name),
        )
    if len(data) > LIMITS.of(kind):
        raise too_large(name, LIMITS.of(kind))
    _one_thing(data, kind, name)
    if kind == "pdf":
        _quiet(data, name)
        return Checked(kind)
    width, height = _decoded(path, kind, name, thumbnail)
    return Checked(kind, width, height, thumbnail)


def kind_of(head: bytes) -> str | None:
    """Return the kind of file that begins with some bytes; None: none that is kept."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(_PNG):
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return "pdf" if head.startswith(b"%PDF-") else None


def too_large(name: str, most: int) -> InvalidArgumentError:
    """Return the error for a file of more than ``most`` bytes."""
    return InvalidArgumentError(
        "evidence.too_large",
        _("{name} is larger than {most} MB. Send it smaller, or in parts.").format(
            name=name, most=most // 1024**2
        ),
    )


def shrink(path: Path, target: Path, side: int) -> None:
    """Write a picture that was checked before as an upright JPEG with nothing else in it.

    Parameters
    ----------
    side
        Most of its longer side [px].
    """
    with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as picture:
        _write_small(picture, target, side)


def _one_thing(data: bytes, kind: str, name: str) -> None:
    """Refuse a file that others would read as something else."""
    whole = {"png": _png_ends, "webp": _webp_ends}.get(kind)
    if whole is not None and not whole(data):
        _refuse_two(name)
    if _is_zip(data) or _MARKUP.search(data if kind != "pdf" else data[:_PDF_HEAD]):
        _refuse_two(name)
    if kind != "pdf" and b"%PDF-" in data[:_PDF_HEAD]:
        _refuse_two(name)


def _refuse_two(name: str) -> NoReturn:
    raise InvalidArgumentError(
        "evidence.two_things",
        _(
            "{name} holds something else besides the picture or document. Take the photograph "
            "anew, or save the document again."
        ).format(name=name),
    )


def _png_ends(data: bytes) -> bool:
    """Say whether a PNG ends where its last chunk does (PNG, 5.6); others may not follow it."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        last = data[at + 4 : at + 8] == b"IEND"
        at += 12 + length
        if last:
            return at == len(data)
    return True  # cut short: decoding it says so


def _webp_ends(data: bytes) -> bool:
    """Say whether a WebP is no longer than it says (RFC 9649, 2.4)."""
    return len(data) <= int.from_bytes(data[4:8], "little") + 8


def _is_zip(data: bytes) -> bool:
    """Say whether the end of a file is that of a ZIP: readers look for it from behind."""
    tail = data[-_ZIP_TAIL:]
    at = tail.rfind(_END_OF_ZIP)
    if at < 0 or at + 22 > len(tail):
        return False
    return at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") <= len(tail)


def _quiet(data: bytes, name: str) -> None:
    """Refuse a PDF that is cut short, locked, or does things when it is opened."""
    if b"%%EOF" not in data[-_PDF_HEAD:]:
        raise _damaged(name)
    found = _ACTIVE.search(data)
    if found:
        raise InvalidArgumentError(
            "evidence.active",
            _(
                "{name} is locked or holds a program or other files ({what}). Print it to a new "
                "PDF and send that."
            ).format(name=name, what=found[1].decode()),
        )


def _decoded(path: Path, kind: str, name: str, thumbnail: Path) -> tuple[int, int]:
    """Decode a picture whole, keep it small, and return its size [px]."""
    try:
        with Image.open(path, formats=_FORMATS[kind]) as picture:
            width, height = picture.size
            if width * height > LIMITS.megapixels * 10**6:
                raise _too_many_pixels(name)
            if kind != "jpeg" and getattr(picture, "is_animated", False):
                raise _animated(name)
            picture.load()
            _write_small(picture, thumbnail, LIMITS.thumbnail)
    except InvalidArgumentError:
        raise
    except _BROKEN as error:
        raise _damaged(name) from error
    return width, height


def _write_small(picture: Image.Image, target: Path, side: int) -> None:
    small = picture.copy() if picture.mode in ("RGB", "L") else picture.convert("RGBA")
    small.info = dict(picture.info)
    small.thumbnail((side, side))
    small = ImageOps.exif_transpose(small)
    if small.mode == "RGBA":
        ground = Image.new("RGB", small.size, "white")
        ground.paste(small, mask=small.getchannel("A"))
        small = ground
    small.info = {}
    small.save(target, "JPEG", quality=80)


def _too_many_pixels(name: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "evidence.too_many_pixels",
        _("{name} has more than {most} million pixels. Send it smaller.").format(
            name=name, most=LIMITS.megapixels
        ),
    )


def _animated(name: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "evidence.animated", _("{name} moves; send single photographs.").format(name=name)
    )


def _damaged(name: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        "evidence.damaged",
        _("{name} is damaged or not complete. Take it anew, or send it again.").format(name=name),
    )
