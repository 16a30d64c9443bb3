"""The ranking page: ranks and figures reckoned by hand, filters, files, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import polars as pl
import pypdfium2
import pytest
from django.test import Client

import lantian.evaluation as ev
from lantian.home import dust
from lantian.network import Network
from lantian.reports import words
from lantian.web.air.queries import ranking as q
from lantian.web.places.models import Territory
from tests.web.air.pages import text_of
from tests.web.air.steady import CITY, ZONE, steady_home
from tests.web.conftest import serve

URL = "/air/ranking/"
Clients = Callable[..., Client]


def page(client: Client, query: str = "", status: int = 200) -> str:
    return text_of(client, URL + query, status=status)


def rows_of(html: str) -> list[str]:
    """Return the text of each row of the ranking, single spaces between its pieces."""
    table = html.split('<table class="table rank">', 1)[1].split("</table>", maxsplit=1)[0]
    found = []
    for row in re.findall(r"<tr(?: class=\"unranked\")?><td.*?</tr>", table, re.S):
        text = re.sub(r"<svg.*?</svg>", " ", row, flags=re.S)
        found.append(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip())
    return found


def asked(**others: object) -> q.Asked:
    given: dict[str, object] = {"span": ev.span("2026-10"), **others}
    return q.Asked(**given)  # type: ignore[arg-type]


@pytest.mark.usefixtures("db")
class TestByHand:
    def test_order_ties_changes_and_the_unranked(self, steady: Network) -> None:
        view = q.look(asked())
        (group,) = view.groups
        assert (group.assessed, group.ranked) == (4, 3)
        shown = [
            (
                r.station,
                r.rank,
                r.tied,
                r.value,
                r.before,
                r.change,
                r.tone,
                r.moved,
                r.good,
                r.days,
            )
            for r in group.rows
        ]
        # 3.35 / 4.35 - 1 = -22.99 %, 4.35 / 3.35 - 1 = 29.85 %; a year before B and C were first.
        assert shown == [
            ("A", 1, True, "3.35", "4.35", "−23.0", "better", "up 2", 31, 31),
            ("B", 1, True, "3.35", "3.35", "0.0", "", "same", 31, 30),
            ("C", 3, False, "4.35", "3.35", "+29.9", "worse", "down 2", 0, 31),
            ("D", None, False, "3.35", "—", "—", "", "—", 10, 10),
        ]
        assert group.rows[3].why.endswith("10 valid days, 27 needed")
        assert group.rows[0].parts == pytest.approx((1, 1, 0.1, 0.5, 0.25, 0.5))

    def test_another_method_moves_the_tie(self, steady: Network) -> None:
        # 3·35/30 + 70/60 = 4.667 against 3·28/30 + 84/60 = 4.2: only the weights part A and B.
        others = q.look(asked()).others
        assert [station for station, _name, _cells in others.rows] == ["A"]
        ways = dict(zip([w for w, _title in others.ways], others.rows[0][2], strict=True))
        assert ways["sum_equal_2012"] == ("1", "3.35")
        assert ways["weighted_3_2_2"][0] == "2"

    def test_good_days_rank_from_the_most_and_compare_under_one_edition(
        self, steady: Network
    ) -> None:
        view = q.look(asked(key="good_days"))
        rows = {r.station: r for g in view.groups for r in g.rows}
        assert [rows[s].rank for s in "ABC"] == [1, 1, 3]
        assert (rows["A"].value, rows["A"].before) == ("31", "0")  # PM2.5 of 70 was not good then
        assert [s for s, _name, _cells in view.others.rows] == ["C"]  # good by the edition of 2012
        assert [rank for rank, _value in view.others.rows[0][2]] == ["1", "3", "3"]

    def test_the_page_says_it(self, steady: Network, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?period=2026-10")
        rows = rows_of(html)
        assert rows[0].startswith("tied 1 up 2 A镇站 3.35 4.35 −23.0 35 70 6 20 1.0 80 31 100.0")
        assert rows[3].startswith("— — D镇站 Not ranked: PM 2.5 , PM 10")
        assert "10 valid days, 27 needed" in rows[3]
        assert "Oct 2026 (31 days) · 4 assessed, 3 ranked, 1 not ranked" in html
        assert (
            'href="/air/stations/A/hours/?parameter=pm25&amp;start=2026-10-01&amp;end=2026-10-31"'
            in html
        )
        # index and days open the days of the period ranked, not another one
        assert html.count('href="/air/stations/A/?period=2026-10#days"') == 3
        assert "/air/calendar/?station=" not in html
        quarter = page(sign_in("expert"), "?period=2026-Q4&edition=2012")
        assert 'href="/air/stations/A/?period=2026-Q4&amp;edition=2012#days"' in quarter
        cities = page(sign_in("expert"), "?period=2026-10&of=cities")
        assert f'href="/air/calendar/?city={quote(CITY)}&amp;year=2026#m2026-10"' in cities
        assert 'id="m2026-10"' in text_of(sign_in("expert"), "/air/calendar/?year=2026")

    def test_dust_taken_out_is_counted_in_days(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = steady_home(tmp_path / "home")
        start, end = dust.local_days(date(2026, 10, 4), date(2026, 10, 5), str(ZONE))
        dust.add(
            home.path, start=start, end=end, decision="环测〔2026〕1", station=None, actor="tests"
        )
        serve(monkeypatch, home)
        assert q.look(asked()).dust_days == 2
        assert q.look(asked(dust=False)).dust_days == 2


@pytest.mark.usefixtures("db")
class TestAgainstEvaluation:
    @pytest.mark.parametrize("key", ["composite_index", "pm25_mean", "o3_p90", "good_day_ratio"])
    def test_ranks_and_values(self, served: Network, key: str) -> None:
        view = q.look(asked(span=ev.span("2026-11"), key=key))
        span = view.ranking.span
        assert str(span.end) == "2026-11-22"
        days = served.days(span.start, span.end)
        kinds = served.stations().select("station", "kind")
        table = ev.period(days, by=(span.start, span.end)).join(kinds, on="station")
        expected = {
            r["station"]: (r["rank"], q.value_words(key, r[key]))
            for r in ev.rank(table, key=key, within=("kind",)).iter_rows(named=True)
        }
        assert {r.station: (r.rank, r.value) for g in view.groups for r in g.rows} == expected
        assert [g.title for g in view.groups] == ["National stations", "Township stations"]

    def test_filters_hide_rows_and_keep_ranks(self, served: Network) -> None:
        whole = q.look(asked(span=ev.span("2026-11")))
        ranks = {r.station: r.rank for g in whole.groups for r in g.rows}
        few = q.look(asked(span=ev.span("2026-11"), town="丙镇", kind="township"))
        (row,) = [r for g in few.groups for r in g.rows]
        assert row.rank == ranks[row.station]
        assert few.assessed == 1

    def test_cities(self, served: Network) -> None:
        view = q.look(asked(span=ev.span("2026-11"), of="cities"))
        (row,) = view.groups[0].rows
        mean = served.periods(ev.span("2026-11"), cities=True)["composite_index"].item()
        assert row.value == words.number(mean, 2)


@pytest.mark.usefixtures("served")
class TestPage:
    def test_a_running_month_goes_to_yesterday(self, sign_in: Clients) -> None:
        assert "Nov 2026 to yesterday, 11-22 (22 days)" in page(
            sign_in("expert"), "?period=2026-11"
        )

    def test_the_usual_period_is_the_last_full_month(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"))
        assert '<option value="2026-10" selected>' in html
        assert "too few valid" in html or "valid days" in html  # 23 days of it are stored

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ("?edition=1996", "There is no edition"),
            ("?method=mine", "There is no composite index method"),
            ("?period=octember", "is not a period"),
            ("?start=2026-10-31&end=2026-10-01", "ends (2026-10-01) before it starts"),
            ("?start=31.10.2026&end=2026-11-01", "is not a date"),
            ("?period=0002", "lies before all measurements"),
            ("?period=2027-01", "no whole day has passed"),
            ("?key=beauty", "is not known for “key”"),
            ("?group=moon", "is not known for “group”"),
            ("?page=0", "is not a number from 1 on"),
            ("?dust=perhaps", "is not known for “dust”"),
        ],
    )
    def test_wrong_parameters_are_told_with_the_filters_there(
        self, sign_in: Clients, query: str, sentence: str
    ) -> None:
        html = page(sign_in("expert"), query, 400)
        assert sentence in html
        assert 'name="edition"' in html
        assert 'name="key"' in html
        assert '<table class="table rank">' not in html

    def test_the_dates_typed_stay_in_their_fields(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?start=2026-10-31&end=2026-10-01", 400)
        assert 'name="start" required value="2026-10-31"' in html
        assert 'name="end" required value="2026-10-01"' in html

    def test_several_wrong_parameters_are_told_together(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?edition=1996&period=octember", 400)
        assert "There is no edition" in html
        assert "is not a period" in html

    def test_a_period_without_data_says_so(self, sign_in: Clients) -> None:
        assert "There is no measurement in this period." in page(
            sign_in("expert"), "?period=2020-01"
        )

    def test_a_text_is_not_markup(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?period=2026-11&q=%3Cscript%3E")
        assert "<script>" not in html.split("<main")[1]
        assert "No row matches" in html

    def test_few_queries(self, sign_in: Clients, django_assert_max_num_queries) -> None:
        client = sign_in("expert")
        with django_assert_max_num_queries(8):
            client.get(URL + "?period=2026-11")

    def test_chinese(self, sign_in: Clients) -> None:
        html = page(sign_in("expert", lang="zh"), "?period=2026-11")
        for word in ("名次", "综合指数", "优良天数", "国控站点", "分项构成", "截至昨日"):
            assert word in html
        assert "Change %" not in html

    def test_pages_of_many_rows(self, sign_in: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        real = q.look
        monkeypatch.setattr(
            "lantian.web.air.views.ranking.q.look", lambda asked, page=5: real(asked, page)
        )
        client = sign_in("expert")
        first = page(client, "?period=2026-11&q=镇")
        second = page(client, "?period=2026-11&q=镇&page=2")
        assert len(rows_of(first)) == 5
        assert "Page 2 of" in second
        assert not set(rows_of(first)) & set(rows_of(second))


def test_everybody_is_ranked_but_only_ones_own_stations_open(
    towns: dict[str, Territory], sign_in: Clients
) -> None:
    html = page(sign_in("town_officer", towns["甲镇"]), "?period=2026-11")
    assert len(rows_of(html)) == 14
    opened = set(re.findall(r"/air/stations/(\w+)/", html))
    assert opened == {"9905S"}
    assert set(re.findall(r"/air/stations/(\w+)/\?period=2026-11#days", html)) == {"9905S"}


def test_an_empty_home_says_what_to_do(empty: Network, sign_in: Clients) -> None:
    html = page(sign_in("expert"))
    assert "no measurements yet" in html
    assert 'href="/air/data/"' in html.split("<main")[1]
    assert 'href="/air/data/"' not in page(sign_in("department_officer")).split("<main")[1]


@pytest.mark.usefixtures("db")
class TestFiles:
    def get(self, client: Client, format_: str) -> bytes:
        response = client.get(f"{URL}?period=2026-10&format={format_}")
        assert response.status_code == 200
        assert "attachment" in response["Content-Disposition"]
        return response.content

    def test_csv_and_json_hold_what_machines_read(self, steady: Network, sign_in: Clients) -> None:
        client = sign_in("expert")
        table = pl.read_csv(self.get(client, "csv"))
        assert table["rank"].to_list() == [1, 1, 3, None]
        assert table["composite_index"].to_list()[:3] == pytest.approx([3.35, 3.35, 4.35])
        assert [r["station"] for r in json.loads(self.get(client, "json"))] == list("ABCD")

    def test_excel_holds_what_is_published(self, steady: Network, sign_in: Clients) -> None:
        table = pl.read_excel(BytesIO(self.get(sign_in("expert"), "xlsx")))
        assert table["Composite index"].to_list() == [3.35, 3.35, 4.35, 3.35]
        assert table["Change %"].to_list()[:3] == [-23.0, 0.0, 29.9]
        assert table["PM2.5 (µg/m³)"].to_list() == [35, 28, 70, 35]

    def test_svg_is_a_picture_of_every_ranked_row(self, steady: Network, sign_in: Clients) -> None:
        svg = ElementTree.fromstring(self.get(sign_in("expert"), "svg"))
        text = "".join(svg.itertext())
        assert all(f"{rank} {s}镇站" in text for rank, s in ((1, "A"), (1, "B"), (3, "C")))
        assert "D镇站" not in text

    def test_pdf_is_one_sheet_with_every_row(self, steady: Network, sign_in: Clients) -> None:
        sheet = pypdfium2.PdfDocument(self.get(sign_in("expert"), "pdf"))
        assert len(sheet) == 1
        text = sheet[0].get_textpage().get_text_range()
        for word in ("A 镇站", "D 镇站", "3.35", "Not ranked", "10 valid days, 27 needed"):
            assert word in text

    def test_an_unknown_format_is_refused(self, steady: Network, sign_in: Clients) -> None:
        response = sign_in("expert").get(f"{URL}?format=docx")
        assert response.status_code == 400
        assert "is not a format" in response.content.decode()
