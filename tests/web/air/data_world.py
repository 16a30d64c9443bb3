"""A home of a test's own, files to send, and the way through an upload."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lantian.home.layout import Home
from lantian.network import Network
from lantian.web.air import upload_jobs
from tests.web.conftest import serve

STATION = "9901S"
HOUR = datetime(2026, 11, 20, 8, tzinfo=UTC)  # 16:00 in the county; stored
CHOICES = {"calibre": "realtime", "network": "", "zone": "", "datum": "", "station": "",
           "period": "1h"}  # fmt: skip


@pytest.fixture
def own(county: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """Serve a copy of the county that a test may change; jobs end before the answer."""
    shutil.copytree(county.path, tmp_path / "home")
    monkeypatch.setattr(upload_jobs, "run_thread", lambda thread, wait: thread.run())
    return serve(monkeypatch, Home.open(tmp_path / "home"))


def table(rows: Iterable[str], header: str = "站点,时间,PM2.5(μg/m³),PM10(μg/m³)") -> bytes:
    """Return a vendor's CSV."""
    return "\n".join([header, *rows]).encode()


def row(hour: datetime, pm25: object, pm10: object = 120, station: str = STATION) -> str:
    """Return one row of it; the time in the zone of the county."""
    local = hour.astimezone(UTC) + timedelta(hours=8)
    return f"{station},{local:%Y-%m-%d %H:%M},{pm25},{pm10}"


def send(client: Client, content: bytes, name: str = "a.csv", **choices: str) -> str:
    """Send a file and return the address of what the check shows."""
    answer = client.post(
        reverse("air:data-upload"),
        {**CHOICES, **choices, "files": SimpleUploadedFile(name, content)},
    )
    assert answer.status_code == 302, answer.content.decode().partition("<main")[2][:2000]
    return answer.headers["Location"]


def land(client: Client, shown: str, **how: str) -> str:
    """Take in what a check showed, and return what the page says then."""
    answer = client.post(f"{shown}land/", how, follow=True)
    assert answer.status_code == 200, answer.content.decode().partition("<main")[2][:2000]
    return answer.content.decode()


def fresh(network: Network, count: int = 3) -> list[datetime]:
    """Return hours before the present of which a test may store values anew."""
    del network
    return [HOUR + timedelta(hours=n) for n in range(count)]


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


Sign = Callable[..., Client]
