"""What may happen to evidence: it is stored, and stays."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import User
from lantian.web.audit.actors import Actor
from lantian.web.audit.chain import record
from lantian.web.evidence import folder
from lantian.web.evidence.checking import check
from lantian.web.evidence.claims import claims_of
from lantian.web.evidence.likes import taken_up
from lantian.web.evidence.models import Arrival, Claim, File
from lantian.web.evidence.said import Said

_NOTHING = Said()
_NAME = 60  # signs of the name of a file in a message


def store(
    upload: UploadedFile, user: User | None, now: datetime, *, via: Actor | None = None,
    said: Said = _NOTHING,
) -> File:  # fmt: skip
    """Keep a file for good; the same content is kept once, and each time it came.

    Parameters
    ----------
    user
        Who sends it; None: somebody who is not signed in.
    via
        Where it came from, for the log; None: by the name alone.
    said
        What the device said of itself when it sent it.

    Raises
    ------
    InvalidArgumentError
        What :func:`~lantian.web.evidence.checking.check` objects to; ``evidence.empty``.
    DomainError
        ``store.disk_full``.
    """
    name = name_of(upload)
    with folder.received(upload.chunks(), name) as draft:
        if draft.size == 0:
            raise InvalidArgumentError("evidence.empty", _("{name} is empty.").format(name=name))
        known = File.objects.filter(sha256=draft.sha256).first()
        if known is not None and folder.path_of(draft.sha256).is_file():
            _arrived(known, user, now, said)
            return known
        found = check(draft.path, name, draft.thumbnail)
        # the file first: a row never speaks of one that is not there
        folder.keep(draft)
        with transaction.atomic():
            file, new = File.objects.get_or_create(
                sha256=draft.sha256,
                defaults={
                    "kind": found.kind, "size": draft.size, "width": found.width,
                    "height": found.height, "uploaded_by": user, "at": now,
                },
            )  # fmt: skip
            _arrived(file, user, now, said)
            if new:
                if file.is_picture:
                    Claim.objects.create(file=file, **vars(claims_of(folder.path_of(file.sha256))))
                    taken_up(file)
                about = {"sha256": file.sha256, "kind": file.kind, "bytes": file.size}
                record("evidence.stored", file, about, actor=via or user or _("the public"))
    return file


def _arrived(file: File, user: User | None, now: datetime, said: Said) -> None:
    Arrival.objects.create(
        file=file, user=user, at=now, device_at=said.at, lon=said.lon, lat=said.lat,
        accuracy=said.accuracy,
    )  # fmt: skip


def name_of(upload: UploadedFile) -> str:
    """Return the name of a file as a message can show it."""
    bare = PurePath((upload.name or "").replace("\\", "/")).name
    plain = "".join(c for c in bare if c.isprintable()).strip()
    return plain[-_NAME:] or _("The file")
