"""What every page promises the browser: no inline script or style, one heading, labelled fields."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from lantian.network import Network
from lantian.web.places.models import Territory
from tests.web.test_access import ROWS, address, own, things  # noqa: F401 - fixtures

SIGNED_OUT = ("accounts:sign-in", "accounts:forgot", "accounts:redeem")
LABELLED = frozenset({"input", "select", "textarea"})
NO_LABEL = frozenset({"hidden", "submit", "button"})


class Reader(HTMLParser):
    """Collects what is not allowed, and fields without a label."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.headings = 0
        self.fields: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.wrong += [f"<{tag} {n}>" for n in given if n == "style" or n.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.wrong.append(f"<{tag}>")
        if any((v or "").lower().startswith("javascript:") for v in given.values()):
            self.wrong.append(f"<{tag}> javascript:")
        self.headings += tag == "h1"
        if tag == "label":
            self.labels.add(given.get("for"))
            self.inside.append(tag)
        shown = given.get("type") not in NO_LABEL and "hidden" not in given
        if tag in LABELLED and shown and "label" not in self.inside:
            self.fields.append(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label" and self.inside:
            self.inside.pop()

    def unlabelled(self) -> list[str]:
        """Return the names of fields that nothing names."""
        return [
            str(f.get("name")) for f in self.fields
            if not (f.get("aria-label") or f.get("aria-labelledby") or f.get("id") in self.labels)
        ]  # fmt: skip


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def problems(answer: object) -> list[str]:
    """Return what is wrong with an answer, if it is a page."""
    if not answer.headers.get("Content-Type", "").startswith("text/html"):  # type: ignore[attr-defined]
        return []
    policy = answer.headers.get("Content-Security-Policy", "")  # type: ignore[attr-defined]
    said = [] if policy else ["no content security policy"]
    said += ["the policy allows inline"] * ("unsafe" in policy or "*" in policy)
    said += [f"the policy lacks {d}" for d in ("object-src 'none'", "frame-ancestors 'none'",
             "base-uri 'self'", "default-src 'self'") if d not in policy]  # fmt: skip
    html = answer.content.decode()  # type: ignore[attr-defined]
    found = read(html)
    whole = "<html" in html
    said += found.wrong + [f"no label: {f}" for f in found.unlabelled()]
    return said + [f"{found.headings} h1"] * (whole and found.headings != 1)


def test_the_reader_finds_what_is_not_allowed() -> None:
    bad = '<p style="x" onclick="y"><script>z</script><a href="javascript:0"></a><input name="q">'
    found = read(bad)
    assert found.wrong == ["<p style>", "<p onclick>", "<script>", "<a> javascript:"]
    assert found.unlabelled() == ["q"]
    assert read('<label>q <input name="q"></label><script src="x"></script>').wrong == []


def test_every_page_keeps_its_promises(
    own: Network,  # noqa: F811
    towns: dict[str, Territory],
    things: dict[str, object],  # noqa: F811
    sign_in: Callable[..., Client],
) -> None:
    client, nobody = sign_in("administrator"), Client()
    wrong = []
    for row in ROWS:
        if row.method == "GET":
            asker = nobody if row.name in SIGNED_OUT else client
            answer = asker.get(address(row.name, things))
            wrong += [f"{row.name}: {said}" for said in problems(answer)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.django_db
def test_errors_are_pages_too(served: Network, sign_in: Callable[..., Client]) -> None:
    for client in (Client(), sign_in("leader")):
        for path in ("/nothing/", "/people/", "/air/ranking/?edition=1999", "/air/stations/none/"):
            assert problems(client.get(path)) == []


def test_headers_of_a_page(served: Network, sign_in: Callable[..., Client]) -> None:
    answer = sign_in("expert").get("/air/ranking/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Content-Language"] == "en"
