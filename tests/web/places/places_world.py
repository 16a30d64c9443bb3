"""Shapes to draw territories with, and a home whose register a test may change."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lantian.home.layout import Home
from lantian.network import Network
from tests.web.conftest import serve


@pytest.fixture
def own(county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a copy of the county that a test may change."""
    shutil.copytree(county.path, tmp_path / "home")
    return serve(monkeypatch, Home.open(tmp_path / "home"))


def square(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    """Return a square [°]."""
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(
    name: str, level: str = "town", parent: str | None = None, geometry: Any = None,
    **more: str,
) -> dict[str, Any]:  # fmt: skip
    """Return a territory as a feature."""
    properties = {"name": name, "level": level, "parent": parent, **more}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    """Return a feature collection."""
    return {"type": "FeatureCollection", "features": list(features)}


def send(client: Client, address: str, content: bytes, name: str, datum: str = "WGS84") -> str:
    """Send a file and return the address that shows what it would change."""
    file = SimpleUploadedFile(name, content)
    answer = client.post(address, {"datum": datum, "files": file})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer.headers["Location"]


def as_bytes(data: dict[str, Any]) -> bytes:
    """Return JSON."""
    return json.dumps(data, ensure_ascii=False).encode()


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    part = page.split(f'name="{name}"', 1)[1].split(">", 1)[0]
    return part.split('value="', 1)[1].split('"', 1)[0]
