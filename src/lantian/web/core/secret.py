"""The secret that signs sessions and tokens: from the environment, else a file of the home."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock

from lantian.errors import DomainError
from lantian.home.layout import RUN
from lantian.i18n import gettext as _
from lantian.observations.files import settle, temporary_beside

VARIABLE = "LANTIAN_SECRET_KEY"
FILE = "secret_key"
_BYTES = 48
_LEAST = 50  # characters; as Django's deployment check asks


def key(home: Path, environ: Mapping[str, str]) -> str:
    """Return the secret key, made at random when the home has none yet.

    Raises
    ------
    DomainError
        ``web.weak_secret``: the one given is too short.
    """
    given = environ.get(VARIABLE)
    if given is None:
        given = _kept(home / FILE)
    if len(given) < _LEAST:
        raise DomainError(
            "web.weak_secret",
            _("The secret key has {n} characters; {variable} needs at least {least}.").format(
                n=len(given), variable=VARIABLE, least=_LEAST
            ),
        )
    return given


def _kept(path: Path) -> str:
    run = path.parent / RUN
    if not (found := _read(path)):
        run.mkdir(exist_ok=True)
        with FileLock(run / "secret.lock"):  # web and worker may both be the first
            if not (found := _read(path)):
                found = secrets.token_urlsafe(_BYTES)
                _write(path, found)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def _write(path: Path, text: str) -> None:
    """Write the file whole: nobody must find half a key, nor after a kill none at all."""
    draft = temporary_beside(path)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        settle(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
