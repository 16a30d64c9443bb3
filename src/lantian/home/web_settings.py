"""How a home is served: the table ``[web]`` of ``settings.toml`` and the environment over it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from lantian.errors import DomainError
from lantian.home import settings_file
from lantian.i18n import gettext as _

TABLE = "web"
PREFIX = "LANTIAN_"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True)
class WebSettings:
    """What the web server is told; each name is a key of ``[web]`` and ``LANTIAN_<NAME>``.

    Parameters
    ----------
    bind, port
        Address and port the server listens on.
    hosts
        Names under which people reach it; requests for others are refused.
    https
        People reach it through HTTPS (a reverse proxy ends it): cookies are marked secure and
        plain requests are sent on.
    proxies
        Addresses of the reverse proxies whose ``X-Forwarded-*`` headers are believed.
    database_url
        ``postgresql://…``; empty: SQLite in the home.
    threads, workers
        Of the web server.
    language
        What a page speaks to a person who has not chosen: ``zh`` or ``en``.
    tiles
        Address of a map tile service with ``{z}/{x}/{y}``; empty: only the own boundaries.
    tiles_credit
        The line of credit its terms ask for.
    email_url
        ``smtp://user:password@host:port`` for password resets; empty: administrators hand out
        one-time codes.
    email_from
        Sender of these messages.
    session_hours
        How long a session lives without being used [h].
    upload_mb
        Most bytes one upload of files may have, packed and unpacked [MB].
    demo_accounts
        List the accounts of the demo on the sign-in page; for simulated homes only.
    public_reports
        Anybody may report a problem without signing in; simulated homes always let them.
    """

    bind: str = "127.0.0.1"
    port: int = 8000
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    https: bool = False
    proxies: tuple[str, ...] = ()
    database_url: str = field(default="", repr=False)
    threads: int = 8
    workers: int = 1
    language: str = "zh"
    tiles: str = ""
    tiles_credit: str = ""
    email_url: str = field(default="", repr=False)
    email_from: str = ""
    session_hours: int = 12
    upload_mb: int = 512
    demo_accounts: bool = True
    public_reports: bool = False


def load(home: Path, environ: Mapping[str, str]) -> WebSettings:
    """Return how ``home`` is served.

    Raises
    ------
    DomainError
        ``web.bad_setting``: a name that does not exist, or a value of the wrong kind.
    """
    path = home / settings_file.FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE, {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(str(path), str(error)) from error
    if not isinstance(table, dict):
        raise _bad(str(path), _("[{table}] is no table").format(table=TABLE))
    known = {f.name: f for f in fields(WebSettings)}
    given: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise _bad(
                f"{path}: [{TABLE}] {name}",
                _("there is no such setting; known are {names}").format(names=", ".join(known)),
            )
        given[name] = _as(type(known[name].default), value, f"{path}: [{TABLE}] {name}")
    for name, setting in known.items():
        text = environ.get(PREFIX + name.upper())
        if text is not None:
            given[name] = _from_text(type(setting.default), text, PREFIX + name.upper())
    return _checked(WebSettings(**given))


def _as(kind: type, value: object, where: str) -> object:
    if kind is tuple and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    raise _bad(where, _("“{value}” is not a {kind}").format(value=value, kind=_kind(kind)))


def _from_text(kind: type, text: str, where: str) -> object:
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind is bool and text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    if kind is int and text.strip().isdecimal():
        return int(text)
    if kind is str:
        return text
    raise _bad(where, _("“{value}” is not a {kind}").format(value=text, kind=_kind(kind)))


def _kind(kind: type) -> str:
    return {
        tuple: _("list of texts"),
        bool: _("true or false"),
        int: _("whole number"),
    }.get(kind, _("text"))


def _checked(made: WebSettings) -> WebSettings:
    if not 1 <= made.port <= 65535:
        raise _bad("port", _("a port is a number from 1 to 65535"))
    if made.language not in ("zh", "en"):
        raise _bad("language", _("it is zh or en"))
    if min(made.threads, made.workers, made.session_hours, made.upload_mb) < 1:
        raise _bad("threads, workers, session_hours, upload_mb", _("they are at least 1"))
    return made


def _bad(where: str, reason: str) -> DomainError:
    return DomainError(
        "web.bad_setting",
        _("The setting {where} cannot be used: {reason}.").format(where=where, reason=reason),
        {"where": where},
    )
