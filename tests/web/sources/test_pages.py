"""The pages of sources: who sees what, filters, forms, import, speed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lantian.web.accounts.models import Appointment, User
from lantian.web.air import uploads
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory
from lantian.web.sources import actions, exporting
from lantian.web.sources.models import Source
from lantian.web.sources.reach import reach_of
from tests.web.sources.world import ACTOR, HERE, PROJECT, SITE, WORKS, add, demo_file
from tests.web.world import NOW

SignIn = Callable[..., Client]


@pytest.fixture
def register(towns: dict[str, Territory], tmp_path: Path) -> dict[str, Source]:
    """Return the sources of the demo by name."""
    path = tmp_path / "sources.geojson"
    demo_file(path)
    actions.enter(ACTOR, path, "WGS84", expected=None, now=NOW)
    return {s.name: s for s in Source.objects.select_related("territory")}


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_list_is_filtered_by_its_address(register: dict[str, Source], sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    whole = text_of(client.get("/sources/"))
    assert "59 sources" in whole
    assert "Page 1 of 2" in whole
    for query, names in (
        ("kind=coal_washing", {"丁镇洗煤厂", "丁镇第二洗煤厂"}),
        ("status=planned&q=卫生院", {"辛镇卫生院迁建项目"}),
        ("sector=catering&q=夜市", {"县城夜市"}),
        ("q=91999900MATW00001J", {"乙镇第一砖厂"}),
        (f"territory={register['辛镇家具厂'].territory.code}&kind=enterprise", {"辛镇家具厂"}),
    ):
        page = text_of(client.get(f"/sources/?{query}"))
        table = page[page.index("<tbody>") : page.index("</tbody>")]
        assert set(re.findall(r'/sources/S\d+/">([^<]+)<', table)) == names, query
    assert "No source fits" in text_of(client.get("/sources/?q=nothing"))
    assert "means nothing here" in text_of(client.get("/sources/?kind=ship"))


def test_closed_sources_are_left_out_until_asked_for(
    register: dict[str, Source], sign_in: SignIn
) -> None:
    number = register["县城夜市"].number
    actions.move(ACTOR, number, "closed", reason="搬迁", now=NOW)
    client = sign_in("dispatcher")
    assert number not in text_of(client.get("/sources/?kind=restaurant_cluster"))
    assert number in text_of(client.get("/sources/?kind=restaurant_cluster&status=closed"))
    assert number in text_of(client.get("/sources/?kind=restaurant_cluster&status=all"))
    assert "搬迁" in text_of(client.get(f"/sources/{number}/"))


def test_people_see_the_sources_of_their_territory(
    register: dict[str, Source], towns: dict[str, Territory], sign_in: SignIn
) -> None:
    client = sign_in("town_officer", towns["甲镇"])
    mine = {s.name for s in register.values() if s.territory == towns["甲镇"]}
    page = text_of(client.get("/sources/"))
    assert {n for n in register if n in page} == mine
    there, elsewhere = register["甲镇第一砖厂"].number, register["丁镇洗煤厂"].number
    assert client.get(f"/sources/{there}/").status_code == 200
    assert client.get(f"/sources/{elsewhere}/").status_code == 404
    spots = client.get("/sources/map.json").json()["stations"]
    assert {s["name"] for s in spots} == mine
    file = client.get("/sources/?format=geojson").json()["features"]
    assert {f["properties"]["name"] for f in file} == mine
    assert "contacts" not in file[0]["properties"]
    found = text_of(client.get("/search?q=洗煤"))
    assert "丁镇洗煤厂" not in found


def test_an_enterprise_sees_its_own(
    register: dict[str, Source], person: Callable[..., User], sign_in: SignIn
) -> None:
    own = Organisation.objects.create(
        code="O-901", name="丁镇洗煤厂", kind="enterprise", valid_from=date(2020, 1, 1)
    )
    Source.objects.filter(pk=register["丁镇洗煤厂"].pk).update(organisation=own)
    post = person("enterprise_officer").appointments.get()
    assert not reach_of([post]).sources().exists()
    post.organisation = own
    assert [s.name for s in reach_of([post]).sources()] == ["丁镇洗煤厂"]
    assert "No source of yours" in text_of(sign_in("enterprise_officer").get("/sources/"))


def test_a_department_with_a_sector_sees_that_sector(
    register: dict[str, Source], towns: dict[str, Territory], person: Callable[..., User]
) -> None:
    post = person("department_officer").appointments.get()
    assert reach_of([post]).condition is None
    post.sector = "coal"
    assert {s.sector for s in reach_of([post]).sources()} == {"coal"}
    local = Appointment(role="town_officer", territory=towns["辛镇"], user=post.user)
    both = {(s.sector == "coal", s.territory.name) for s in reach_of([post, local]).sources()}
    assert (False, "辛镇") in both
    assert (True, "丁镇") in both
    assert not reach_of([]).sources().exists()


def test_the_page_of_a_source(register: dict[str, Source], sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    page = text_of(client.get(f"/sources/{register['丙镇商砼站'].number}/"))
    for said in ("DA001", "商品混凝土", "丙镇", "91999900MATW00002",
                 "The air at the nearest stations", "entered"):  # fmt: skip
        assert said in page
    planned = text_of(client.get(f"/sources/{register['城关镇文化中心项目'].number}/"))
    assert "5 measures are not in place" in planned
    ready = text_of(client.get(f"/sources/{register['乙镇冷链物流园项目'].number}/"))
    assert "Ground may be broken" in ready


def test_a_source_is_entered_changed_and_closed_by_its_forms(
    towns: dict[str, Territory], sign_in: SignIn
) -> None:
    client = sign_in("dispatcher")
    assert "Construction site" in text_of(client.get("/sources/new/"))
    form = {**SITE, "status": "operating", "sector": "construction"}
    bad = client.post("/sources/new/?kind=construction_site", {**form, "attributes.area": "大"})
    assert bad.status_code == 400
    assert "is not a number" in bad.content.decode()
    made = client.post("/sources/new/?kind=construction_site", form)
    assert made.headers["Location"] == "/sources/S00001/"
    shown = text_of(client.get("/sources/S00001/change/"))
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen is not None
    stored = Source.objects.get()
    again = {**form, "lon": stored.lon, "lat": stored.lat, "territory": stored.territory.code,
             "attributes.area": "43000", "seen": seen[1]}  # fmt: skip
    assert client.post("/sources/S00001/change/", again).status_code == 302
    assert Source.objects.get().attributes["area"] == 43000
    page = text_of(client.get("/sources/S00001/"))
    assert "42,000" in page
    assert "43,000" in page
    stale = client.post("/sources/S00001/change/", {**again, "seen": "2000-01-01", "name": "新"})
    assert stale.status_code == 400
    assert client.post("/sources/S00001/move/", {"to": "closed"}).status_code == 400
    client.post("/sources/S00001/move/", {"to": "closed", "reason": "竣工"})
    assert Source.objects.get().status == "closed"


def test_a_form_offers_what_the_kind_has(towns: dict[str, Territory], sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    add("construction_site", PROJECT)
    road = text_of(client.get("/sources/new/?kind=road"))
    assert 'name="attributes.sweeping"' in road
    assert 'name="credit_code"' not in road
    assert 'name="stacks"' not in road
    project = text_of(client.get("/sources/S00001/change/"))
    assert project.count('name="measures.') == 8


def test_a_file_is_looked_at_before_it_lands(
    towns: dict[str, Territory], sign_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_root", lambda: tmp_path)
    client = sign_in("dispatcher")
    add("enterprise", WORKS)
    rows = "编号,类型,名称,绩效等级\nS00001,工业企业,甲镇第一砖厂,B\n"
    good = SimpleUploadedFile("清单.csv", rows.encode())
    where = client.post("/sources/import/", {"files": good, "datum": ""}).headers["Location"]
    page = text_of(client.get(where))
    assert "0 new, 1 changed, 0 as stored" in page
    expected = re.search(r'name="expected" value="([^"]+)"', page)
    assert expected is not None
    assert client.post(where, {"expected": "other"}).status_code == 400
    assert Source.objects.get().grade == ""
    assert client.post(where, {"expected": expected[1]}).status_code == 302
    assert Source.objects.get().grade == "B"
    bad = SimpleUploadedFile("清单.csv", rows.replace(",B", ",E").encode())
    where = client.post("/sources/import/", {"files": bad, "datum": ""}).headers["Location"]
    page = text_of(client.get(where))
    assert "1 cell is wrong" in page
    assert 'name="expected"' not in page


def test_an_empty_register_says_what_to_do(towns: dict[str, Territory], sign_in: SignIn) -> None:
    assert "Import a list" in text_of(sign_in("dispatcher").get("/sources/"))
    assert "The dispatcher keeps" in text_of(sign_in("leader").get("/sources/"))


def test_a_source_without_place_has_a_page(towns: dict[str, Territory], sign_in: SignIn) -> None:
    add("enterprise", WORKS)
    assert "position is not entered" in text_of(sign_in("leader").get("/sources/S00001/"))


@pytest.fixture
def many(towns: dict[str, Territory]) -> int:
    """Enter 5,000 sources, past the rules."""
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    place = list(towns.values())
    Source.objects.bulk_create(
        Source(
            number=f"S{n:05}", kind="construction_site", name=f"工地{n}", sector="construction",
            territory=place[n % len(place)], lon=float(HERE["lon"]) + n / 1e5, lat=35.2,
            attributes={"area": n}, made_at=moment, changed_at=moment + timedelta(seconds=n),
        )
        for n in range(1, 5001)
    )  # fmt: skip
    return 5000


@pytest.mark.parametrize(
    ("where", "most"),
    [("/sources/", 16), ("/sources/?q=工地4999&status=all", 16), ("/sources/S00077/", 18),
     ("/sources/map.json", 8), ("/api/v1/sources?limit=10", 8)],
)  # fmt: skip
def test_pages_ask_the_database_seldom(
    many: int, sign_in: SignIn, where: str, most: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    with django_assert_max_num_queries(most):
        assert client.get(where).status_code == 200


def test_the_interface_answers_the_sources(register: dict[str, Source], sign_in: SignIn) -> None:
    client = sign_in("expert")
    found = client.get("/api/v1/sources?kind=frp_workshop&limit=2").json()
    assert (found["meta"]["found"], len(found["results"])) == (4, 2)
    first = found["results"][0]
    assert first["attributes"]["process"] == "hand"
    assert first["stacks"] == [{"name": "DA001", "height": 15.0, "diameter": 0.6}]
    assert "contacts" not in first
    extents = client.get("/api/v1/sources?kind=road&format=geojson")
    assert extents["X-Total-Count"] == "8"
    assert {f["geometry"]["type"] for f in extents.json()["features"]} == {"LineString"}
    assert "DA001" in client.get("/api/v1/sources?kind=frp_workshop&format=csv").content.decode()
    assert client.get("/api/v1/sources?kind=ship").status_code == 400
    assert client.get("/api/v1/sources?kinds=road").status_code == 400
    again = client.get("/api/v1/sources?limit=1")
    same = client.get("/api/v1/sources?limit=1", headers={"If-None-Match": again["ETag"]})
    assert same.status_code == 304
    assert exporting.title()
