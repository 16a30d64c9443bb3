"""The hours of a station as drawn: every one, its gaps and the marks of what is in doubt."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from lantian import i18n
from lantian.network import Network
from lantian.web.accounts.access import Access
from lantian.web.air.figures import station as pictures
from lantian.web.air.flags import flag_words
from lantian.web.air.queries import station as q
from lantian.web.air.queries import station_asked, stations
from tests.web.air.small import LABEL, Rows, small_home
from tests.web.air.station_page import PERIOD, SPAN, S, hours, part, table
from tests.web.conftest import serve


def test_the_chart_has_every_hour_and_every_mark(sign_in: Callable[..., Client], served: Network):
    client = sign_in("dispatcher")
    answer = client.get(reverse("air:station-series", args=(S,)), {"period": PERIOD})
    data = json.loads(answer.content)
    [[count, first, step]] = data["times"]
    assert (count, step) == (480, 3_600_000)
    assert datetime.fromtimestamp(first / 1000, UTC) == datetime(2026, 11, 1, 1, tzinfo=UTC)
    wide = hours(served)
    for p in data["parameters"]:
        assert len(p["values"]) == 480
        assert [v for v in p["values"] if v is not None] == wide[p["id"]].drop_nulls().to_list()
        assert p["n"] == wide[p["id"]].count() < 480
    assert data["parameters"][0]["bound"]["title"] == "IAQI 100 at 60"
    assert data["parameters"][2]["bound"]["drawn"] is False


def test_suspect_hours_count_and_are_marked_invalid_ones_are_marked_and_gaps(
    sign_in: Callable[..., Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    grades = {3: "suspect", 5: "invalid"}

    def change(rows: Rows) -> Rows:
        return [
            (s, p, t, v, grades.get((LABEL - t) // timedelta(hours=1), g) if p == "o3" else g)
            for s, p, t, v, g in rows
        ]

    serve(monkeypatch, small_home(tmp_path / "graded", change))
    client = sign_in("dispatcher")
    data = json.loads(client.get(reverse("air:station-series", args=("N1",))).content)
    ozone, last = data["parameters"][5], len(data["parameters"][5]["values"]) - 1
    assert ozone["marks"] == [
        [last - 5, 60.0, "invalid", "invalid"], [last - 3, 60.0, "suspect", "suspect"],
    ]  # fmt: skip
    assert ozone["values"][last - 5] is None
    assert ozone["values"][last - 3] == 60.0
    svg = part(client, "series", "N1")
    assert svg.count('fill="#c98a00"') == 1 + 1  # the hour and the key
    states = table(client, "quality", "N1").filter(pl.col("parameter") == "o3")
    assert states.select("suspect", "invalid").sum().row(0) == (1, 1)
    found = table(client, "stretches", "N1").filter(pl.col("state") != "missing")
    assert found["state"].to_list() == ["suspect", "invalid"]


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("", ""), ("EXCLUDED", "excluded by hand"),
        ("QC:stuck;QC:rise", "stuck at one value, sudden change"),
        ("B", "running poorly"), ("B;QC:range", "running poorly, out of range"), ("XYZ", "XYZ"),
    ],
)  # fmt: skip
def test_flags_in_words(flag: str, words: str):
    i18n.activate("en")
    assert flag_words(flag) == words


def test_gaps_are_gaps_in_the_picture(served: Network):
    station = stations.find(S, Access(stations=None))
    asked = station_asked.Asked(station, SPAN, usual=False)
    found = q.series(asked, "hour")
    for series, (_p, svg) in zip(found, pictures.multiples(asked, found, "hour"), strict=True):
        values = series.values
        starts = sum(
            v is not None and (i == 0 or values[i - 1] is None) for i, v in enumerate(values)
        )
        alone = svg.count("<circle")
        lines = svg.count('fill="none" stroke="#1557b0"')
        assert alone + lines == starts
