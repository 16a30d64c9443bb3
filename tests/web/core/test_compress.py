"""Answers are compressed where that helps, and say so."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from lantian.web.core.compress import CompressMiddleware

LONG = "蓝天" * 500


def answer(
    response: HttpResponse | StreamingHttpResponse, accepts: str = "br, gzip"
) -> HttpResponse:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    return CompressMiddleware(lambda _request: response)(request)  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "image/svg+xml"])
def test_text_is_compressed(kind: str) -> None:
    sent = answer(HttpResponse(LONG, content_type=kind, headers={"ETag": '"abc"'}))
    assert sent["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent.content).decode() == LONG
    assert sent["Content-Length"] == str(len(sent.content))
    assert len(sent.content) < len(LONG)
    assert (sent["Vary"], sent["ETag"]) == ("Accept-Encoding", 'W/"abc"')


def test_the_size_does_not_tell_the_content() -> None:
    assert len({len(answer(HttpResponse(LONG)).content) for _ in range(30)}) > 5


@pytest.mark.parametrize(
    ("response", "accepts"),
    [
        (HttpResponse(LONG), "identity"),
        (HttpResponse("short"), "gzip"),
        (HttpResponse(LONG, content_type="application/zip"), "gzip"),
        (HttpResponse(LONG, headers={"Content-Encoding": "br"}), "gzip"),
    ],
    ids=["not accepted", "short", "compressed already", "encoded already"],
)
def test_the_rest_goes_as_it_is(response: HttpResponse, accepts: str) -> None:
    before = response.content
    sent = answer(response, accepts)
    assert sent.content == before
    assert sent.get("Content-Encoding") in (None, "br")


def test_what_is_streamed_is_not_gathered() -> None:
    taken: list[int] = []

    def parts() -> Iterator[bytes]:
        for n in range(3):
            taken.append(n)
            yield LONG.encode()

    answer(StreamingHttpResponse(parts()))
    assert taken == []
