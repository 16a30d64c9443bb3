"""Network now: figures reckoned by hand, what is not published, what is gone, filters, files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from django.test import Client

from lantian.network import Network
from lantian.web.air.figures.labels import Dot, apart, place, width_of
from lantian.web.air.figures.now import arrival_strip, tidy_marks
from lantian.web.places.models import Territory
from tests.web.air.pages import text_of
from tests.web.air.small import LABEL, Rows, small_home
from tests.web.conftest import serve
from tests.web.world import CLOCK

URL = "/air/now/"
Clients = Callable[..., Client]
Serve = Callable[..., Network]


@pytest.fixture
def small(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    def made(change: Callable[[Rows], Rows] = lambda rows: rows) -> Network:
        return serve(monkeypatch, small_home(tmp_path / "small", change))

    return made


def page(client: Client, query: str = "", **headers: str) -> str:
    return text_of(client, URL + query, headers=headers)


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def row_of(html: str, name: str) -> str:
    rows = re.findall(r"<tr>(?:(?!</tr>).)*?</tr>", html, re.S)
    return text(next(r for r in rows if f">{name}<" in r))


def with_values(changes: dict[tuple[str, str, int], float | None], grade: str = "valid"):
    """Return a change of some rows: (station, parameter, hours before the last label) -> value."""

    def change(rows: Rows) -> Rows:
        made = []
        for s, p, t, v, g in rows:
            key = (s, p, round((LABEL - t) / timedelta(hours=1)))
            made.append((s, p, t, changes[key], grade) if key in changes else (s, p, t, v, g))
        return made

    return change


def without(*gone: tuple[str, str, int]):
    def change(rows: Rows) -> Rows:
        return [
            r for r in rows
            if (r[0], r[1], round((LABEL - r[2]) / timedelta(hours=1))) not in gone
        ]  # fmt: skip

    return change


PARAMETERS = ("pm25", "pm10", "so2", "no2", "co", "o3")


def test_figures_by_hand(small: Serve, sign_in: Clients) -> None:
    # mean of 40 and 50 is 45; a day before it was 30. IAQI of PM2.5 45 by the 2026 transition:
    # 50 + 50 * (45 - 35) / (60 - 35) = 70
    small(with_values({("N1", "pm25", 0): 40.0, ("N2", "pm25", 0): 50.0}))
    html = text(page(sign_in("dispatcher")))
    assert "AQI · mean of 2 national stations 70 Good primary PM 2.5" in html
    assert "45 µg/m³ +15" in html
    assert "2026-11-23 08:00, the mean from 07:00 to 08:00" in html
    assert "HJ 633-2026 · transition" in html
    # 23 = 4 stations of six pollutants, one of which does not monitor ozone
    assert "Complete 23/23 = 100.0 %" in html


def test_what_is_not_monitored_is_not_missing(small: Serve, sign_in: Clients) -> None:
    small()
    html = page(sign_in("dispatcher"))
    assert re.search(r"镇一 50 Excellent 30 50 6 20 0.5 /", row_of(html, "镇一"))


def test_publication_rule(small: Serve, sign_in: Clients) -> None:
    # HJ 633-2026 5.3.1: T2 lacks SO2 at AQI 50 or less, T1 lacks it at PM2.5 80 (AQI 119)
    small(
        lambda rows: with_values({("T1", "pm25", 0): 80.0})(
            without(("T1", "so2", 0), ("T2", "so2", 0))(rows)
        )
    )
    client = sign_in("dispatcher")
    html = page(client, "?at=2026-11-23T08:00")
    assert re.search(r"镇一 119 Light pollution", row_of(html, "镇一"))
    assert re.search(r"镇二 NA not published", row_of(html, "镇二"))
    rows = {r["station"]: r for r in json.loads(client.get(URL + "?format=json").content)}
    assert (rows["T1"]["aqi"], rows["T2"]["aqi"], rows["T2"]["state"]) == (119, None, "withheld")


def test_offline_and_suspect_are_named(small: Serve, sign_in: Clients) -> None:
    gone = [("T2", p, h) for p in PARAMETERS for h in range(3)]
    doubt = with_values({("N1", "pm10", h): 20.0 for h in range(2)}, "suspect")
    small(lambda rows: doubt(without(*gone)(rows)))
    # at 08:16 the 08:00 hour is not due yet: what lacks since 06:00 is named for the hour before
    html = page(sign_in("dispatcher"), "?at=2026-11-23T07:00")
    said = text(html[html.index("alerts") :])
    assert "镇二 offline for 2 h" in said
    assert "国一 PM 10 suspect for 1 h" in said
    assert re.search(r'class="suspect"[^>]*>20<span class="visually-hidden"> suspect', html)
    only = page(sign_in("dispatcher"), "?at=2026-11-23T07:00&show=trouble")
    assert "2 of" not in only
    assert row_of(only, "镇二")
    assert row_of(only, "国一")
    assert ">国二<" not in only[only.index("<tbody") : only.index("</tbody")]


def test_what_is_gone_stays_gone_until_it_comes(small: Serve, sign_in: Clients) -> None:
    # at 08:16 the 08:00 hour is not due yet; 镇二 sends nothing since 05:00, 国一 no CO since 06:00
    gone = [("T2", p, h) for p in PARAMETERS for h in range(3)] + [("N1", "co", h) for h in (0, 1)]
    small(without(*gone))
    html = page(sign_in("dispatcher"))
    assert "2026-11-23 08:00, the mean" in text(html)
    said = text(html[html.index("alerts") :])
    assert "镇二 offline for 2 h" in said
    assert "国一 CO missing for 1 h" in said
    assert "still awaited" not in said
    only = page(sign_in("dispatcher"), "?show=trouble")
    assert row_of(only, "镇二")


def test_what_only_has_not_come_yet_is_not_gone(small: Serve, sign_in: Clients) -> None:
    # no hour of T2 lacks but the one not due; its SO2 lacks longer, but the others came an hour ago
    gone = [("T2", p, 0) for p in PARAMETERS] + [("T2", "so2", 1)]
    small(without(*gone))
    html = page(sign_in("dispatcher"))
    said = text(html[html.index("alerts") :])
    assert "镇二 SO 2 missing for 1 h" in said
    assert "offline" not in said


def test_an_hour_that_comes_in_waits_for_half_of_the_stations(
    small: Serve, sign_in: Clients
) -> None:
    gone = [(s, p, 0) for s in ("N1", "N2", "T1") for p in PARAMETERS]
    small(without(*gone))
    assert "2026-11-23 07:00, the mean" in text(page(sign_in("dispatcher")))


def test_sorting_and_filters(small: Serve, sign_in: Clients) -> None:
    small(with_values({("T1", "no2", 0): 90.0, ("N2", "no2", 0): 80.0}))
    client = sign_in("dispatcher")

    def names(query: str) -> list[str]:
        html = page(client, query)
        return re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', html)

    assert names("?sort=-no2")[:2] == ["镇一", "国二"]
    assert names("?sort=no2")[-1] == "镇一"
    assert names("?kind=township&sort=name") == ["镇一", "镇二"]
    assert names("?town=城关&sort=name") == ["国一", "国二"]
    assert names("?q=镇二") == ["镇二"]
    assert names("?show=assessed&sort=name") == ["国一", "国二"]
    assert "No station fits this filter." in page(client, "?q=nowhere")
    bad = text(page(client, "?sort=colour&at=2026-11-23T08:30"))
    assert "“colour” is not known" in bad
    assert "is not a full hour" in bad
    assert "has not come yet" in page(client, "?at=2026-11-23T09:00")


def test_a_whole_day(small: Serve, sign_in: Clients) -> None:
    small()
    html = text(page(sign_in("dispatcher"), "?day=2026-11-22"))
    assert "2026-11-22, the whole day" in html
    assert "Six daily values" in html
    assert "is not over" in page(sign_in("dispatcher"), "?day=2026-11-23")


def test_each_value_leads_to_its_hours(small: Serve, sign_in: Clients) -> None:
    small()
    html = page(sign_in("dispatcher"))
    assert "/air/stations/N1/hours/?parameter=pm25&amp;at=2026-11-23T08%3A00" in html
    day = page(sign_in("dispatcher"), "?day=2026-11-22")
    assert "/air/stations/N1/hours/?parameter=co&amp;start=2026-11-22&amp;end=2026-11-22" in day


def test_unchanged_answers_204(small: Serve, sign_in: Clients) -> None:
    served = small()
    client = sign_in("dispatcher")
    html = page(client)
    stamp = re.search(r'"X-Shown": "([^"]+)"', html)
    assert stamp
    assert client.get(URL, headers={"X-Shown": stamp[1]}).status_code == 204
    frame = served.values("N1", "pm25", LABEL - timedelta(hours=1), LABEL).with_columns(
        pl.lit("1h").alias("period"), value=pl.lit(58.0)
    )
    served.home.store.append(
        frame.drop("batch", "recorded", "calibre"), calibre="realtime", actor="tests", clock=CLOCK
    )
    again = client.get(URL, headers={"X-Shown": stamp[1]})
    assert again.status_code == 200
    assert ">58<" in again.content.decode()


def test_files(small: Serve, sign_in: Clients) -> None:
    small()
    client = sign_in("dispatcher")
    csv = client.get(URL + "?format=csv&kind=national")
    assert csv.content.decode("utf-8-sig").count("\n") == 3
    svg = client.get(URL + "?format=svg")
    assert svg["Content-Type"] == "image/svg+xml"
    drawing = ElementTree.fromstring(svg.content)
    assert len(drawing.findall(".//{http://www.w3.org/2000/svg}a")) == 4
    assert client.get(URL + "?format=xlsx").content[:2] == b"PK"
    assert client.get(URL + "?format=pdf").status_code == 400


def test_map_data_and_boundaries(
    served: Network, towns: dict[str, Territory], sign_in: Clients
) -> None:
    client = sign_in("dispatcher")
    data = client.get("/air/now/map.json").json()
    assert len(data["stations"]) == 14
    assert len(data["areas"]["features"]) == 13
    html = page(client)
    assert html.count('class="town"') == 12
    assert html.count('class="county"') == 1
    assert len(html) < 150_000


def test_a_town_officer_sees_the_own_stations(
    served: Network, towns: dict[str, Territory], sign_in: Clients
) -> None:
    html = page(sign_in("town_officer", towns["丙镇"]))
    body = html[html.index("<tbody") : html.index("</tbody")]
    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', body) == ["丙镇"]
    data = sign_in("town_officer", towns["丙镇"]).get("/air/now/map.json").json()
    assert [s["name"] for s in data["stations"]] == ["丙镇"]


def test_who_has_no_air_is_refused(served: Network, sign_in: Clients) -> None:
    client = sign_in("enterprise_officer")
    assert client.get(URL).status_code == 403
    assert client.get("/air/now/map.json").status_code == 403


def test_empty_store_says_what_to_do(empty: Network, sign_in: Clients) -> None:
    assert "Import measurements" in page(sign_in("expert"))
    assert "Somebody with the right" in page(sign_in("department_officer"))
    assert sign_in("expert").get("/air/now/map.json").json()["stations"] == []


def test_no_register(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign_in: Clients
) -> None:
    home = small_home(tmp_path / "bare")
    version = home.store.station_versions()[-1].version
    home.store.withdraw_stations(version, "tests")
    serve(monkeypatch, home)
    html = page(sign_in("dispatcher"))
    assert "no station makes a city mean" in text(html)
    assert ">N1<" in html


def test_wall(served: Network, sign_in: Clients) -> None:
    html = page(sign_in("dispatcher"), "?wall=1&rotate=30")
    assert 'data-mode="wall"' in html
    assert 'hx-get="/cases/?wall=1&amp;rotate=30" hx-trigger="every 30s"' in html
    assert "<form" not in html[html.index("<main") :]
    still = page(sign_in("dispatcher"), "?wall=1")
    assert 'hx-trigger="every 20s"' in still


def test_no_inline_style_or_script(served: Network, sign_in: Clients) -> None:
    for query in ("", "?wall=1", "?day=2026-11-22"):
        html = page(sign_in("dispatcher"), query)
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", html)


def test_queries_of_the_database(
    served: Network, towns: dict[str, Territory], sign_in: Clients, django_assert_max_num_queries
) -> None:
    client = sign_in("dispatcher")
    with django_assert_max_num_queries(6):
        page(client)
    with django_assert_max_num_queries(5):  # what was drawn is not drawn again
        page(client)


def test_labels_do_not_overlap() -> None:
    dots = [
        Dot(40 + 30 * (i % 12), 40 + 34 * (i // 12), 7, [f"Station {i}", "Good"]) for i in range(84)
    ]
    found = place(dots, 460, 320)
    boxes = []
    for label in found:
        if label is None:
            continue
        wide = max(width_of(t) for t in label.lines)
        left = label.x - {"start": 0, "end": wide, "middle": wide / 2}[label.anchor]
        boxes.append((left, label.y - 12, left + wide, label.y - 12 + 15 * len(label.lines)))
    assert len(boxes) >= 10
    for i, a in enumerate(boxes):
        assert a[0] >= 0
        assert a[2] <= 460
        for b in boxes[:i]:
            assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_dots_are_pushed_apart() -> None:
    (a, b) = apart([(100.0, 100.0), (100.0, 100.0)], 15)
    assert ((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5 >= 32 - 1e-6
    assert apart([(0.0, 0.0), (90.0, 0.0)], 15) == [(0.0, 0.0), (90.0, 0.0)]


def test_strip_and_marks() -> None:
    strip = arrival_strip(["ok"] * 4 + ["part"] + [None] + ["missing"] * 2, "x")
    assert strip.count("k-ok") == 2
    assert strip.count("k-miss") == 2
    assert tidy_marks(130.0, (0, 35, 60, 115, 150)) == [0, 60, 115]
    assert tidy_marks(20.0, (0, 35, 60, 115, 150)) == [0, 35]
    assert tidy_marks(0.0) == [0.0, 1.0]
