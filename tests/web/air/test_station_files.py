"""The files of a station's figures: pictures and tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from lantian.network import Network
from tests.web.air.station_page import PERIOD, S


@pytest.mark.parametrize(
    "name",
    ["hours", "days", "now", "statistics", "hour", "weekday", "month", "wind", "pollution",
     "quality", "neighbours"],
)  # fmt: skip
def test_every_figure_is_a_picture_too(
    sign_in: Callable[..., Client], served: Network, name: str
):  # fmt: skip
    client = sign_in("dispatcher", lang="zh")
    answer = client.get(
        reverse("air:station", args=(S,)), {"table": name, "format": "svg", "period": PERIOD}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    text = answer.content.decode()
    assert text.startswith("<svg")
    assert "NaN" not in text
    assert S in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("format_", ["xlsx", "json"])
@pytest.mark.parametrize("name", ["hours", "days", "stretches", "decisions", "months", "stored"])
def test_tables_in_other_formats(
    sign_in: Callable[..., Client], served: Network, name: str, format_: str
):
    answer = sign_in("dispatcher").get(
        reverse("air:station", args=(S,)), {"table": name, "format": format_, "period": PERIOD}
    )
    assert answer.status_code == 200
    assert len(answer.content) > 1


def test_an_unknown_table_or_format_is_refused(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    address = reverse("air:station", args=(S,))
    assert client.get(address, {"table": "secrets", "format": "csv"}).status_code == 400
    assert client.get(address, {"table": "days", "format": "exe"}).status_code == 400
    assert client.get(reverse("air:station-part", args=(S, "secrets"))).status_code == 404
