"""The calendar: days and counts reckoned by hand, one day, a month of stations, what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from xml.etree import ElementTree

import polars as pl
import pytest
from django.test import Client

import lantian.evaluation as ev
from lantian.network import Network
from lantian.web.air.queries import calendar as q
from lantian.web.air.queries.day import day_frame
from lantian.web.air.queries.place import Place
from lantian.web.places.models import Territory
from tests.web.air.pages import text_of
from tests.web.air.steady import CITY, place_of

URL = "/air/calendar/"
Clients = Callable[..., Client]
OCTOBER, JULY = 9, 6


def page(client: Client, query: str = "", status: int = 200) -> str:
    return text_of(client, URL + query, status=status)


def main(html: str) -> str:
    return html.split("<main")[1]


def year(station: str, **others: object) -> q.Year:
    given: dict[str, object] = {"span": ev.span("2026"), **others}
    return q.year_of(place_of(station), q.Asked(**given))  # type: ignore[arg-type]


def day_in(found: q.Year, day: date) -> q.Day:
    days = [d for m in found.months for w in m.weeks for d in w if d is not None]
    return next(d for d in days if d.date == day)


@pytest.mark.usefixtures("steady")
class TestByHand:
    def test_a_day_is_of_the_edition_that_judges_it(self) -> None:
        # PM2.5 of 70: 50 + 50·(70-35)/40 = 93.75 by 2012; 100 + 50·(70-60)/55 = 109.1 by 2026.
        by_date, old = year("C"), year("C", edition="2012")
        assert day_in(by_date, date(2026, 10, 5)).text == "110"
        assert day_in(old, date(2026, 10, 5)).text == "94"
        assert by_date.months[OCTOBER].counts.levels == (0, 0, 31, 0, 0, 0)
        assert old.months[OCTOBER].counts.levels == (0, 31, 0, 0, 0, 0)
        assert by_date.months[OCTOBER].edition == "2026-transition"

    def test_the_year_before_is_judged_by_the_edition_of_this_month(self) -> None:
        found = year("A")  # 2025: PM2.5 of 70, light by the edition of 2026
        month = found.months[OCTOBER]
        assert (month.counts.good, month.counts.known) == (31, 31)
        assert month.before == q.Counts((0, 0, 31, 0, 0, 0), 0)
        assert found.before is not None
        assert found.before.good == 0
        assert year("A", edition="2012").months[OCTOBER].before == q.Counts((0, 31, 0, 0, 0, 0), 0)
        assert found.months[JULY].before is None

    def test_what_is_missing_is_told_apart(self) -> None:
        found = year("D")
        states = [day_in(found, date(2026, 10, d)).state for d in (10, 11, 12)]
        assert states == ["known", "few", "none"]
        assert day_in(found, date(2026, 11, 23)).state == "open"  # today is not over
        assert found.months[OCTOBER].counts == q.Counts((0, 10, 0, 0, 0, 0), 21)
        assert found.months[11].counts == q.Counts()

    def test_a_day_that_lacks_a_pollutant_is_marked(self) -> None:
        found = year("B")
        last = day_in(found, date(2026, 10, 31))
        assert last.lacks
        assert "no valid SO2" in last.about
        assert not day_in(found, date(2026, 10, 30)).lacks
        assert found.lacking == 1

    def test_one_pollutant_by_its_own_index(self) -> None:
        found = year("B", show="pm10")
        day = day_in(found, date(2026, 10, 5))
        assert (day.text, day.level) == ("84", 2)
        assert "IAQI 75 Good" in day.about  # 50 + 50·(84-50)/70 = 74.3
        assert day_in(year("B", show="so2"), date(2026, 10, 31)).state == "none"

    def test_primary_pollutants(self) -> None:
        assert year("A").primary == (("pm10", 31),)
        assert (year("C").primary, year("C").primary_days) == ((("pm25", 31),), 31)

    def test_the_city_is_the_mean_of_its_stations(self) -> None:
        found = year(CITY)
        # A, B, C and, until the 10th, D: PM2.5 of 42.0, then 44.3; PM10 of 73.5, then 74.7
        assert day_in(found, date(2026, 10, 5)).text == "68"  # 50 + 50·(74-50)/70, 73.5 to even
        assert found.total.known == 31


@pytest.mark.usefixtures("served")
class TestPage:
    def test_every_day_of_the_city_is_a_link_with_its_words(
        self, served: Network, sign_in: Clients
    ) -> None:
        html = page(sign_in("expert"))
        days = served.city_days(date(2026, 11, 1), date(2026, 11, 22))
        for row in days.iter_rows(named=True):
            cell = re.search(rf'<a href="/air/calendar/{row["date"]}/" title="([^"]+)">', html)
            assert cell
            assert f"AQI {row['aqi']} " in cell[1]
        assert "Light pollution 101–150" in html
        assert "too few valid values" in html

    def test_counts_are_those_of_the_days(self, served: Network) -> None:
        city = served.stations()["city"][0]
        found = q.year_of(Place("", city, city), q.Asked(span=ev.span("2026")))
        table = ev.period(
            served.city_days(date(2026, 1, 1), date(2026, 11, 22)),
            by=(date(2026, 1, 1), date(2026, 11, 22)),
        )
        assert found.total.good == table["good_days"].item()
        assert found.total.heavy == table["heavy_days"].item()
        assert found.total.known == table["aqi_days"].item()

    @pytest.mark.parametrize(
        ("query", "status", "sentence"),
        [
            ("?year=2", 400, "lies before all measurements"),
            ("?year=soon", 400, "is not a number from 1 on"),
            ("?year=2031", 400, "no whole day has passed"),
            ("?edition=1996", 400, "There is no edition"),
            ("?show=pm1", 400, "is not known for “show”"),
            ("?city=Atlantis", 404, "There is no city “Atlantis” here"),
            ("?station=none", 404, "there is none with the id or name “none”"),
            ("?station=镇", 404, "stations match “镇”"),
            ("?view=network&month=2027-01", 400, "no whole day has passed"),
            ("?view=network&month=May", 400, "is not a period"),
            ("?view=network&kind=space", 400, "is not known for “kind”"),
            ("?view=sideways", 400, "is not known for “view”"),
        ],
    )  # fmt: skip
    def test_wrong_parameters_are_told_with_the_filters_there(
        self, sign_in: Clients, query: str, status: int, sentence: str
    ) -> None:
        html = page(sign_in("expert"), query, status)
        assert sentence in html
        assert 'name="edition"' in html

    def test_a_station_is_found_by_its_name(self, sign_in: Clients) -> None:
        assert "丙镇, 2026: daily AQI" in page(sign_in("expert"), "?station=丙镇")

    def test_a_year_without_data_is_a_year_of_gaps(self, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?year=2020")
        assert html.count('<td class="none">') == 366

    def test_few_queries(self, sign_in: Clients, django_assert_max_num_queries) -> None:
        client = sign_in("expert")
        for query in ("", "?view=network", "2026-11-20/"):
            with django_assert_max_num_queries(8):
                client.get(URL + query)

    def test_chinese(self, sign_in: Clients) -> None:
        html = page(sign_in("expert", lang="zh"))
        for word in ("优良天数", "轻度污染 101–150", "有效值不足", "2026 年 11 月", "去年同期"):
            assert word in html


@pytest.mark.usefixtures("served")
class TestMonth:
    def test_stations_by_days(self, served: Network, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "?view=network&month=2026-11")
        assert html.count('<tr><th scope="row"') == 14
        days = served.days(date(2026, 11, 5), date(2026, 11, 5), stations=("9907S",))
        cell = re.search(r'title="(2026-11-05: [^"]+)">(\d+)</a>', html.split(">丙镇</a>")[1])
        assert cell
        assert int(cell[2]) == days["aqi"].item()
        assert "/air/stations/9907S/hours/?start=2026-11-05&amp;end=2026-11-05" in html

    def test_only_the_stations_in_reach(
        self, towns: dict[str, Territory], sign_in: Clients
    ) -> None:
        html = page(sign_in("town_officer", towns["甲镇"]), "?view=network&month=2026-11")
        assert html.count('<tr><th scope="row"') == 1
        assert set(re.findall(r"stations/(\w+)/hours", html)) == {"9905S"}

    def test_filters(self, sign_in: Clients) -> None:
        client = sign_in("expert")
        assert (
            page(client, "?view=network&month=2026-11&kind=national").count('<tr><th scope="row"')
            == 2
        )
        assert "No station of yours matches" in page(client, "?view=network&month=2026-11&q=海")

    def test_files(self, sign_in: Clients) -> None:
        client = sign_in("expert")
        table = pl.read_csv(client.get(URL + "?view=network&month=2026-11&format=csv").content)
        assert table.height == 14 * 22
        svg = client.get(URL + "?view=network&month=2026-11&format=svg").content
        assert "丙镇" in "".join(ElementTree.fromstring(svg).itertext())


@pytest.mark.usefixtures("served")
class TestDay:
    def test_every_station_with_its_values(self, served: Network, sign_in: Clients) -> None:
        html = page(sign_in("expert"), "2026-11-20/")
        assert len(re.findall(r'href="/air/stations/\w+/"', main(html))) == 14
        row = served.days(date(2026, 11, 20), date(2026, 11, 20), stations=("9907S",)).row(
            0, named=True
        )
        mine = html.split(">丙镇</a>")[1].split("</tr>")[0]
        assert f"<b>{row['aqi']}</b>" in mine
        assert (
            "/air/stations/9907S/hours/?parameter=pm25&amp;start=2026-11-20&amp;end=2026-11-20"
            in mine
        )
        assert "2026-11-20 Friday" in html

    def test_the_worst_are_first(self, served: Network) -> None:
        frame = day_frame(date(2026, 11, 20), q.Asked(span=ev.span("2026-11")), None)
        for part in frame.partition_by("kind"):
            aqi = part["aqi"].drop_nulls()
            assert aqi.to_list() == sorted(aqi, reverse=True)

    def test_only_the_stations_in_reach(
        self, towns: dict[str, Territory], sign_in: Clients
    ) -> None:
        client = sign_in("town_officer", towns["甲镇"])
        assert set(re.findall(r"/air/stations/(\w+)/", main(page(client, "2026-11-20/")))) == {
            "9905S"
        }
        table = pl.read_csv(client.get(URL + "2026-11-20/?format=csv").content)
        assert table["station"].to_list() == ["9905S"]
        page(client, "?station=9907S", 404)
        assert "9905S" in page(client, "?station=9905S")

    def test_today_is_not_over(self, sign_in: Clients) -> None:
        assert "This day is not over" in page(sign_in("expert"), "2026-11-23/")

    @pytest.mark.parametrize(
        ("day", "sentence"),
        [
            ("2026-11-24", "no whole day has passed"),
            ("tomorrow", "is not a date"),
            ("0002-01-01", "lies before"),
        ],
    )
    def test_a_wrong_day(self, sign_in: Clients, day: str, sentence: str) -> None:
        assert sentence in page(sign_in("expert"), f"{day}/", 400)

    def test_a_day_without_data(self, sign_in: Clients) -> None:
        assert "None of your stations has a value on 2020-01-01." in page(
            sign_in("expert"), "2020-01-01/"
        )


@pytest.mark.usefixtures("steady")
def test_a_day_that_lacks_a_pollutant_says_why_it_is_not_published(sign_in: Clients) -> None:
    # B has no SO2 on 10-31; PM10 84 alone is 50 + 50·(84-50)/70 = 74.3 by 2026, not above 100
    client = sign_in("department_officer")
    html = page(client, "2026-10-31/")
    row = re.sub(r"<[^>]+>", "", main(html).split(">B镇站</a>")[1].split("</tr>")[0])
    assert re.search(r"NA not published the others: 75", row)
    assert "Not published: a pollutant due has too few valid hours" in html
    assert "110" in main(html).split(">C镇站</a>")[1].split("</tr>")[0]
    before = page(client, "2026-10-30/")
    assert "not published" not in main(before).lower()
    assert "not published" not in main(page(client, "2026-10-31/?edition=2012")).lower()
    table = pl.read_csv(client.get(URL + "2026-10-31/?format=csv").content)
    assert dict(table.select("station", "withheld").iter_rows()) == {
        "A": False, "B": True, "C": False
    }  # fmt: skip


@pytest.mark.usefixtures("steady")
class TestFiles:
    def get(self, client: Client, format_: str) -> bytes:
        response = client.get(f"{URL}?station=C&year=2026&format={format_}")
        assert response.status_code == 200
        return response.content

    def test_tables(self, sign_in: Clients) -> None:
        client = sign_in("expert")
        table = pl.read_csv(self.get(client, "csv"))
        assert table["aqi"].to_list() == [110] * 31
        assert (
            pl.read_excel(BytesIO(self.get(client, "xlsx")))["primary"].to_list() == ["pm25"] * 31
        )
        assert len(json.loads(self.get(client, "json"))) == 31

    def test_picture(self, sign_in: Clients) -> None:
        svg = ElementTree.fromstring(self.get(sign_in("expert"), "svg"))
        assert "".join(svg.itertext()).count("110") >= 31


def test_an_empty_home_says_what_to_do(empty: Network, sign_in: Clients) -> None:
    client = sign_in("expert")
    for query in ("", "?view=network"):
        assert 'href="/air/data/"' in main(page(client, query))
    assert "None of your stations" in page(client, "2026-11-20/")
