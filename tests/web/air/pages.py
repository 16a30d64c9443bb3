"""What the server answers, as text."""

from __future__ import annotations

from collections.abc import Mapping

from django.test import Client


def text_of(
    client: Client,
    address: str,
    query: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> str:
    """Return the page at an address; where its status is another, show what came."""
    answer = client.get(address, query, headers=headers)
    text = answer.content.decode()
    assert answer.status_code == status, text[:2000]
    return text
