"""Photographs that come with a problem: all of them looked at before any is kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from PIL import Image, ImageOps

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.audit.actors import Actor
from lantian.web.evidence.actions import name_of, store
from lantian.web.evidence.checking import check, kind_of, too_large
from lantian.web.evidence.limits import LIMITS
from lantian.web.evidence.said import Said

_HEAD = 16  # bytes by which a kind of file is told
_QUALITY = 92  # of a JPEG written anew: no loss the eye sees


def keep(
    files: Sequence[UploadedFile], user: User, now: datetime, *, via: Actor, before: int,
    most: int, said: Said,
) -> list[str]:  # fmt: skip
    """Keep photographs of somebody of the network as they are, and return their digests.

    Parameters
    ----------
    before
        How many of the ``most`` came with the form before.

    Raises
    ------
    InvalidArgumentError
        ``cases.too_many_photos``, ``cases.no_photo``, and all of
        :func:`lantian.web.evidence.actions.store`.
    """
    _pictures(files, most, before)
    return [store(file, user, now, via=via, said=said).sha256 for file in files]


def keep_bare(
    files: Sequence[UploadedFile], now: datetime, *, via: Actor, most: int, side: int
) -> list[str]:
    """Keep photographs of a stranger without what the camera wrote, and return their digests.

    Those complained of see the evidence of their case: where and by which telephone it was taken
    would tell them who complained. So the picture is written anew, its longer side at most
    ``side`` [px], and the file that was sent is not kept.

    Raises
    ------
    InvalidArgumentError
        As :func:`keep`.
    """
    _pictures(files, most)
    bare = [_bare(file, side) for file in files]
    return [store(file, None, now, via=via).sha256 for file in bare]


def _pictures(files: Sequence[UploadedFile], most: int, before: int = 0) -> None:
    if before + len(files) > most:
        raise InvalidArgumentError(
            "cases.too_many_photos",
            _("At most {most} photographs can be sent.").format(most=most),
        )
    for file in files:
        name = name_of(file)
        if (file.size or 0) > LIMITS.of("jpeg"):
            raise too_large(name, LIMITS.of("jpeg"))
        head = file.read(_HEAD)
        file.seek(0)
        if kind_of(head) in (None, "pdf"):
            raise InvalidArgumentError(
                "cases.no_photo",
                _("{name} is no photograph. Send pictures: JPEG, PNG or WebP.").format(name=name),
            )


def _bare(file: UploadedFile, side: int) -> UploadedFile:
    name, out = name_of(file), io.BytesIO()
    with TemporaryDirectory(prefix="lantian-photo-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        check(path, name, Path(folder) / "small")
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((side, side))
    upright.info = {}
    upright.save(out, "JPEG", quality=_QUALITY)
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")
