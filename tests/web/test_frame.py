"""What every page shares: proxies, the secret, the language, kept pieces, formats."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from lantian import i18n
from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.core import formats, secret
from lantian.web.core.downloads import blob
from lantian.web.core.pieces import Pieces
from lantian.web.core.proxy import TrustedProxyMiddleware


def _through(proxies: list[str], **meta: str) -> HttpRequest:
    seen: list[HttpRequest] = []
    middleware = TrustedProxyMiddleware(lambda r: (seen.append(r), HttpResponse())[1])
    middleware.trusted = [ip_network(p) for p in proxies]
    middleware(RequestFactory().get("/", **meta))
    return seen[0]


@pytest.mark.parametrize(
    ("remote", "forwarded", "scheme", "address", "secure"),
    [
        ("10.0.0.1", "203.0.113.9", "https", "203.0.113.9", True),
        ("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", "https", "203.0.113.9", True),
        ("203.0.113.9", "198.51.100.7", "https", "203.0.113.9", False),
        ("10.0.0.1", "", "gopher", "10.0.0.1", False),
        ("::ffff:10.0.0.1", "203.0.113.9", "https", "203.0.113.9", True),
    ],
    ids=[
        "proxy",
        "chain: nearest untrusted hop",
        "not a proxy: its word is not taken",
        "nonsense",
        "proxy, seen by a server on [::]",
    ],
)
def test_only_named_proxies_are_believed(
    remote: str, forwarded: str, scheme: str, address: str, *, secure: bool
) -> None:
    request = _through(
        ["10.0.0.0/24"],
        REMOTE_ADDR=remote,
        HTTP_X_FORWARDED_FOR=forwarded,
        HTTP_X_FORWARDED_PROTO=scheme,
    )
    assert request.META["REMOTE_ADDR"] == address
    assert request.is_secure() is secure


def test_the_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = secret.key(tmp_path, {})
    assert len(first) >= 50
    assert secret.key(tmp_path, {}) == first
    assert stat.S_IMODE((tmp_path / secret.FILE).stat().st_mode) == 0o600
    assert secret.key(tmp_path, {secret.VARIABLE: "x" * 60}) == "x" * 60


def test_half_a_secret_is_never_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(secret.os, "fdopen", killed)
        with pytest.raises(KeyboardInterrupt):
            secret.key(tmp_path, {})
    assert len(secret.key(tmp_path, {})) >= 50
    assert not list(tmp_path.glob(".secret*"))


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as caught:
        secret.key(tmp_path, {secret.VARIABLE: "short"})
    assert caught.value.code == "web.weak_secret"


def test_pieces_are_made_once_however_many_ask() -> None:
    pieces, made, gate = Pieces(), [], threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        pieces.get("key", lambda: (made.append(1), "text")[1])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert made == [1]


def test_the_oldest_pieces_go_first_and_a_failure_is_not_kept() -> None:
    pieces = Pieces(limit=10)
    pieces.get("a", lambda: "aaaa")
    pieces.get("b", lambda: "bbbb")
    pieces.get("a", lambda: "not made again")
    pieces.get("c", lambda: "cccc")
    assert pieces.get("a", lambda: "again") == "aaaa"
    assert pieces.get("b", lambda: "again") == "again"

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - our own
        pieces.get("d", fail)
    assert pieces.get("d", lambda: "made") == "made"


@pytest.mark.django_db
def test_the_language_is_chosen_kept_and_never_leads_elsewhere(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("dispatcher", lang="zh")
    response = client.post("/language", {"language": "en", "next": "//evil.example/"})
    assert response.headers["Location"] == "/"
    assert client.get("/nowhere").headers["Content-Language"] == "en"
    response = client.post("/language", {"language": "zh", "next": "/today/?a=1"})
    assert response.headers["Location"] == "/today/?a=1"


@pytest.mark.django_db
def test_health_is_told_without_signing_in(served: Network) -> None:
    assert Client().get("/healthz").json() == {"ok": True, "stamp": served.stamp()}


@pytest.mark.django_db
def test_every_page_forbids_inline_script_and_style(
    served: Network, sign_in: Callable[..., Client]
) -> None:
    policy = sign_in("dispatcher").get("/nowhere").headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'self'" in policy


def test_figures_are_set_low_and_text_is_escaped() -> None:
    assert formats.formula("PM2.5 < NO2") == "PM<sub>2.5</sub> &lt; NO<sub>2</sub>"


def test_an_aqi_is_never_colour_alone() -> None:
    i18n.activate("zh")
    try:
        assert formats.aqi_badge(163, "moderate") == (
            '<span class="aqi a4"><i></i><b>163</b> <span>中度污染</span></span>'
        )
        assert "无数据" in formats.aqi_badge(None, None)
    finally:
        i18n.activate("en")


def test_an_address_leaves_out_what_was_not_chosen() -> None:
    assert formats.with_query("/a", {"b": None, "c": "", "d": [1, 2], "e": 0}) == "/a?d=1&d=2&e=0"


def test_a_download_keeps_its_chinese_name() -> None:
    response = blob(b"x", "排名-2026", "csv")
    assert response.headers["Content-Disposition"].endswith("%E6%8E%92%E5%90%8D-2026.csv")
