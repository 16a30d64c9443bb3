"""Addresses to listen on, asked before a server is started on one."""

from __future__ import annotations

import errno
import socket
import time
import urllib.error
import urllib.request

from lantian.errors import DomainError, reason_of
from lantian.i18n import gettext as _

_PATIENCE = 0.25


def need_free(host: str, port: int, *, timeout: float = 0.0) -> None:
    """Make sure that one can listen on an address.

    Asked without ``SO_REUSEPORT``: two servers that both set it would share the port unseen.

    Parameters
    ----------
    timeout
        How long the process before may take to let go of it [s].

    Raises
    ------
    DomainError
        ``supervisor.port_in_use``, ``supervisor.port_forbidden``, ``supervisor.no_such_address``.
    """
    deadline = time.monotonic() + timeout
    while (error := _refused(host, port)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
            raise _told(host, port, error) from error
        time.sleep(_PATIENCE)


def _refused(host: str, port: int) -> OSError | None:
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, proto) as probe:
            # connections that are still closing do not count
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        return error
    return None


def _told(host: str, port: int, error: OSError) -> DomainError:
    data = {"host": host, "port": port}
    if error.errno == errno.EADDRINUSE:
        return DomainError(
            "supervisor.port_in_use",
            _(
                "Port {port} of {host} is taken by another program. Stop that one, or choose "
                "another port with --port."
            ).format(port=port, host=host),
            data,
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return DomainError(
            "supervisor.port_forbidden",
            _(
                "This user may not listen on port {port}. Choose one from 1024 on and put a web "
                "server such as Caddy or nginx before it."
            ).format(port=port),
            data,
        )
    return DomainError(
        "supervisor.no_such_address",
        _("This machine cannot listen on {host}:{port}: {reason}. Correct the address.").format(
            host=host, port=port, reason=reason_of(error)
        ),
        data,
    )


def answers(url: str, *, headers: dict[str, str] | None = None, timeout: float = 2.0) -> bool:
    """Say whether a URL answers with success (2xx)."""
    request = urllib.request.Request(url, headers=headers or {})  # noqa: S310 - our own address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout) as response:
            return 200 <= int(response.status) < 300
    except (OSError, ValueError):  # not listening yet, or not the answer hoped for
        return False
