"""Whose word is taken for where a request came from: only that of the reverse proxies named."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]


class TrustedProxyMiddleware:
    """Take ``X-Forwarded-For`` and ``-Proto`` from the proxies of the setting, drop them else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.trusted = [ip_network(p, strict=False) for p in settings.WEB.proxies]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Rewrite ``REMOTE_ADDR`` and the scheme, or forget the headers."""
        meta = request.META
        forwarded = meta.pop("HTTP_X_FORWARDED_FOR", "")
        scheme = meta.pop("HTTP_X_FORWARDED_PROTO", "")
        meta.pop("HTTP_X_FORWARDED_HOST", None)
        if self._trusts(meta.get("REMOTE_ADDR", "")):
            hops = [h.strip() for h in forwarded.split(",") if h.strip()]
            while hops:
                meta["REMOTE_ADDR"] = hops.pop()
                if not self._trusts(meta["REMOTE_ADDR"]):
                    break
            if scheme in ("http", "https"):
                meta["wsgi.url_scheme"] = scheme
                request.environ["wsgi.url_scheme"] = scheme  # type: ignore[attr-defined]  # WSGI only
        return self.get_response(request)

    def _trusts(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:  # a Unix socket has no address
            return False
        # a server that listens on [::] sees 127.0.0.1 as ::ffff:127.0.0.1 (RFC 4291, 2.5.5.2)
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in network for network in self.trusted)


def client_address(request: HttpRequest) -> str:
    """Return the address the request came from, as far as it can be believed."""
    return str(request.META.get("REMOTE_ADDR", ""))
