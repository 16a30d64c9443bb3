"""The mail server of the settings, from one address."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from lantian.errors import DomainError
from lantian.i18n import gettext as _

# Scheme → (port where none is given, STARTTLS, TLS from the first byte).
_SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}


@dataclass(frozen=True)
class MailServer:
    """How the mail server is reached."""

    host: str = "localhost"
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    ssl: bool = False


def settings(url: str) -> MailServer:
    """Return the mail server of ``email_url``.

    Parameters
    ----------
    url
        ``smtp://``, ``smtp+tls://`` (STARTTLS) or ``smtps://`` with ``user:password@host:port``,
        user and password quoted as in any address; empty: none is used.

    Raises
    ------
    DomainError
        ``web.bad_setting``.
    """
    if not url:
        return MailServer()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _bad() from error
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise _bad()
    usual, starttls, ssl = _SCHEMES[parts.scheme]
    return MailServer(
        host=parts.hostname,
        port=usual if port is None else port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=starttls,
        ssl=ssl,
    )


def _bad() -> DomainError:
    return DomainError(
        "web.bad_setting",
        _(
            "The setting email_url cannot be used: it is smtp://, smtp+tls:// or smtps:// with "
            "user:password@host:port."
        ),
        {"where": "email_url"},
    )
