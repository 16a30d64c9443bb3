"""Lists land whole or not at all, and no row of them twice."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lantian.web.cases.models import Case, Incoming, Reporter
from lantian.web.core import clock
from lantian.web.places.models import Territory
from tests.web.cases.test_intake import inside

SignIn = Callable[..., Client]
Towns = dict[str, Territory]
HEADER = ["工单号", "受理时间", "标题", "问题类型", "辖区", "经度", "纬度", "投诉人", "投诉人电话"]


def workbook(rows: Sequence[Sequence[str]]) -> SimpleUploadedFile:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet("热线")
    for n, row in enumerate([HEADER, *rows]):
        for m, cell in enumerate(row):
            page.write_string(n, m, cell)
    book.close()
    return SimpleUploadedFile("list.xlsx", out.getvalue())


def row(number: str, **others: str) -> list[str]:
    seen = f"{clock.now() - timedelta(hours=3):%Y-%m-%d %H:%M}"
    cells = {
        "number": number, "at": seen, "title": "焚烧秸秆", "problem": "straw_burning",
        "territory": "甲镇", "lon": "", "lat": "", "name": "李某", "phone": "13811112222", **others,
    }  # fmt: skip
    return list(cells.values())


def sent(client: Client, address: str, file: SimpleUploadedFile) -> str:
    answer = client.post(address, {"files": file})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_the_template_can_be_filled_and_read_back(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    empty = client.get("/cases/hotline/form/").content
    where = sent(client, "/cases/hotline/", SimpleUploadedFile("form.xlsx", empty))
    assert "no row" in client.get(where).content.decode()


def test_a_list_is_seen_first_and_then_lands_once(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    where = sent(client, "/cases/hotline/", workbook([row("0001"), row("0002", territory="乙镇")]))
    page = client.get(where).content.decode()
    assert "2 new, 0 imported before" in page
    assert "13811112222" not in page
    assert "李某" not in page
    assert not Case.objects.exists()
    assert client.post(where).status_code == 302
    assert {c.channel for c in Case.objects.all()} == {"hotline"}
    assert Reporter.objects.count() == 2
    where = sent(client, "/cases/hotline/", workbook([row("0001"), row("0003")]))
    assert "1 new, 1 imported before" in client.get(where).content.decode()
    client.post(where)
    assert sorted(Incoming.objects.values_list("key", flat=True)) == ["0001", "0002", "0003"]
    assert Case.objects.count() == 3


def test_more_rows_ask_the_database_no_oftener(
    towns: Towns, sign_in: SignIn, django_assert_max_num_queries: Callable
) -> None:
    client = sign_in("dispatcher")
    lon, lat = inside(towns["甲镇"])
    far = [hot(lon, lat, time=f"{n:02d}00") for n in range(24)]
    for address, file in (
        ("/cases/hotline/", workbook([row(str(n)) for n in range(200)])),
        ("/cases/fires/", firms(*far)),
    ):
        where = sent(client, address, file)
        client.get(where)
        with django_assert_max_num_queries(16):
            assert client.get(where).status_code == 200


def test_every_row_that_is_wrong_is_named_and_nothing_lands(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    rows = [
        row("1"), row("2", at="昨天"), row("3", problem="没有"), row("4", territory="没有镇"),
        row("1"), row("6", lon="114.4", lat="x"), row("7", title=""),
    ]  # fmt: skip
    where = sent(client, "/cases/hotline/", workbook(rows))
    page = client.get(where).content.decode()
    assert "6 cells are wrong" in page
    lines = re.findall(r'<td>(\S+)</td><td class="num">(\d+)</td><td>([^<]+)</td>', page)
    assert [(s, int(n)) for s, n, _c in lines] == [("热线", n) for n in (3, 4, 5, 6, 7, 8)]
    assert client.post(where).status_code == 400
    assert not Case.objects.exists()


def test_a_file_without_its_columns_is_refused(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    where = sent(client, "/cases/hotline/", SimpleUploadedFile("a.csv", b"a,b\n1,2\n"))
    answer = client.get(where)
    assert answer.status_code == 400
    assert "no row of headers" in answer.content.decode()


# -- fires of satellites


FIRMS = (
    "latitude,longitude,bright_ti4,scan,track,acq_date,acq_time,satellite,instrument,"
    "confidence,version,bright_ti5,frp,daynight"
)


def firms(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("fire.csv", "\n".join([FIRMS, *rows]).encode())


def hot(
    lon: float, lat: float, *, time: str = "0512", confidence: str = "n", frp: float = 2.5,
    instrument: str = "VIIRS", satellite: str = "N20",
) -> str:  # fmt: skip
    return (
        f"{lat:.5f},{lon:.5f},330.1,0.4,0.4,2026-11-22,{time},{satellite},{instrument},"
        f"{confidence},2.0NRT,290.2,{frp},D"
    )


def ticks(page: str) -> list[str]:
    return re.findall(r'name="take" value="([^"]+)"[^>]* checked', page)


def test_fires_of_one_pass_are_joined_and_the_weak_and_far_left_out(
    towns: Towns, sign_in: SignIn
) -> None:
    lon, lat = inside(towns["甲镇"])
    far_lon, far_lat = inside(towns["乙镇"])
    client = sign_in("dispatcher")
    file = [
        hot(lon, lat), hot(lon + 0.004, lat, frp=9.0),  # 0.36 km apart
        hot(far_lon, far_lat, confidence="low"), hot(100.0, 20.0),
        hot(far_lon, far_lat, instrument="MODIS", satellite="Aqua", confidence="80"),
        hot(far_lon, far_lat, instrument="MODIS", satellite="Terra", confidence="29"),
    ]  # fmt: skip
    where = sent(client, "/cases/fires/", firms(*file))
    page = client.get(where).content.decode()
    assert "2 new fires" in page
    assert "6 rows; left out: 2 of low confidence, 1 outside" in page
    client.post(where, {"take": ticks(page)})
    case = Case.objects.get(territory=towns["甲镇"])
    assert (case.channel, case.problem) == ("satellite", "straw_burning")
    assert case.lon == pytest.approx(lon + 0.004)  # the hottest
    assert case.found_at.isoformat() == "2026-11-22T05:12:00+00:00"
    again = sent(client, "/cases/fires/", firms(*file))
    page = client.get(again).content.decode()
    assert "0 new fires" in page
    assert case.code in page
    client.post(again, {"take": ticks(page)})
    assert Case.objects.count() == 2


def test_a_fire_near_an_open_case_is_not_ticked(towns: Towns, sign_in: SignIn) -> None:
    lon, lat = inside(towns["甲镇"])
    client = sign_in("dispatcher")
    where = sent(client, "/cases/fires/", firms(hot(lon, lat)))
    client.post(where, {"take": ticks(client.get(where).content.decode())})
    where = sent(client, "/cases/fires/", firms(hot(lon, lat, time="0600", satellite="N")))
    page = client.get(where).content.decode()
    assert "not ticked" in page
    assert ticks(page) == []
    assert client.post(where).status_code == 400


def test_rows_that_are_none_are_named(towns: Towns, sign_in: SignIn) -> None:
    lon, lat = inside(towns["甲镇"])
    client = sign_in("dispatcher")
    rows = [hot(lon, 95.0), hot(lon, lat, time="2575"), hot(lon, lat, confidence="sure")]
    where = sent(client, "/cases/fires/", firms(*rows, hot(lon, lat)))
    page = client.get(where).content.decode()
    assert "3 cells are wrong" in page
    for cell in ("95.00000", "2575", "sure"):
        assert cell in page
    assert client.post(where, {"take": ticks(page)}).status_code == 400
    assert not Case.objects.exists()


def test_another_table_is_no_file_of_firms(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    where = sent(client, "/cases/fires/", SimpleUploadedFile("a.csv", b"a,b\n1,2\n"))
    assert "no file of FIRMS" in client.get(where).content.decode()
