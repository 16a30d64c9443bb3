"""Problems come in from every channel: once, in their place, who complained kept apart."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from shapely.geometry import shape

from lantian.evaluation.excursions import hours_above_median, hours_over_limit
from lantian.home.layout import Home
from lantian.home.web_settings import WebSettings
from lantian.network import Network
from lantian.web.accounts.roles import ROLES
from lantian.web.cases.intake import excursions, public, wording
from lantian.web.cases.models import Case, Comment, Incoming, Reporter
from lantian.web.cases.table import TABLE
from lantian.web.cases.views import intake_air
from lantian.web.core import clock
from lantian.web.evidence import folder
from lantian.web.evidence.models import File
from lantian.web.places.models import Territory

SignIn = Callable[..., Client]
Towns = dict[str, Territory]


PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def typed(towns: Towns, **others: object) -> dict[str, object]:
    """Return a filled form of a new case."""
    moment = clock.now() - timedelta(hours=1)
    return {
        "channel": "manual", "title": "Uncovered soil", "problem": "bare_uncovered",
        "found_at": f"{moment:%Y-%m-%dT%H:%M}", "datum": "WGS84",
        "territory": towns["甲镇"].code, **others,
    }  # fmt: skip


def inside(town: Territory) -> tuple[float, float]:
    """Return a position within a town."""
    point = shape(town.boundary).representative_point()
    return round(point.x, 5), round(point.y, 5)


def photo() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(out, "JPEG")
    return SimpleUploadedFile("soil.jpg", out.getvalue(), "image/jpeg")


# -- the typed form


def test_a_case_is_typed_in_and_its_territory_found_by_its_position(
    towns: Towns, sign_in: SignIn
) -> None:
    lon, lat = inside(towns["乙镇"])
    answer = sign_in("dispatcher").post(
        "/cases/new/", typed(towns, territory="", lon=lon, lat=lat, photos=photo())
    )
    case = Case.objects.get()
    assert answer["Location"].endswith(f"/cases/{case.code}/")
    assert (case.territory, case.channel, case.state) == (towns["乙镇"], "manual", "verifying")
    event = case.events.get()
    assert event.data["evidence"][0]["digest"] == File.objects.get().sha256


def test_a_position_in_gcj02_is_kept_in_wgs84(towns: Towns, sign_in: SignIn) -> None:
    lon, lat = inside(towns["甲镇"])
    sign_in("dispatcher").post("/cases/new/", typed(towns, lon=lon, lat=lat, datum="GCJ-02"))
    case = Case.objects.get()
    assert case.lon is not None
    assert 0.002 < abs(case.lon - lon) < 0.01


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "required"),
        ({"territory": ""}, "Say where"),
        ({"lon": "114.4"}, "both longitude and latitude"),
        ({"source": "S-9999"}, "no source S-9999"),
        ({"found_at": "2030-01-01T00:00"}, "in the future"),
        ({"channel": "higher_inspection"}, "comes with this"),
        ({"external_number": "A1"}, "Only an inspection from above"),
        ({"found_at": "0001-01-01T00:00"}, "a year from 2000 on"),
        ({"external_due": "9999-12-31T23:59"}, "a year from 2000 on"),
        ({"photos": SimpleUploadedFile("a.jpg", PDF, "image/jpeg")}, "a.jpg is no photograph"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_taken_in(
    towns: Towns, sign_in: SignIn, wrong: dict[str, str], said: str
) -> None:
    answer = sign_in("dispatcher").post("/cases/new/", typed(towns, **wrong))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Case.objects.exists()


def test_a_wrong_field_costs_no_photograph(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    answer = client.post("/cases/new/", typed(towns, title="", photos=photo()))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "1 photograph is kept already" in page
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept is not None
    again = typed(towns, kept=kept[1], photos=[photo() for _n in range(10)])
    assert "At most 10 photographs" in client.post("/cases/new/", again).content.decode()
    assert client.post("/cases/new/", typed(towns, kept=kept[1])).status_code == 302
    event = Case.objects.get().events.get()
    assert [e["digest"] for e in event.data["evidence"]] == [File.objects.get().sha256]


def test_an_order_from_above_has_its_number_and_both_deadlines(
    towns: Towns, sign_in: SignIn
) -> None:
    due = clock.now() + timedelta(days=9)
    given = {
        "channel": "higher_inspection", "external_number": "督〔2026〕7",
        "external_due": f"{due:%Y-%m-%dT%H:%M}",
        "own_due": f"{due - timedelta(days=2):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    sign_in("dispatcher").post("/cases/new/", typed(towns, **given))
    case = Case.objects.get()
    assert case.external_number == "督〔2026〕7"
    assert case.own_due < case.external_due


def test_who_complained_is_kept_apart(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    given = typed(towns, channel="hotline", reporter_name="王某", reporter_phone="13900000000")
    page = client.post("/cases/new/", given, follow=True).content.decode()
    assert Reporter.objects.get().phone == "13900000000"
    assert "13900000000" not in page


def test_possible_duplicates_are_shown_first_and_a_comment_may_be_added(
    towns: Towns, sign_in: SignIn
) -> None:
    lon, lat = inside(towns["甲镇"])
    client, given = sign_in("dispatcher"), typed(towns, lon=lon, lat=lat)
    client.post("/cases/new/", given)
    first = Case.objects.get()
    asked = client.post("/cases/new/", {**given, "photos": photo()})
    page = asked.content.decode()
    assert asked.status_code == 200
    assert first.code in page
    assert "still new" in page
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept is not None
    assert Case.objects.count() == 1
    added = {**given, "add": first.code, "kept": kept[1]}
    shown = client.post("/cases/new/", added, follow=True).content.decode()
    said = Comment.objects.get(case=first)
    assert "Uncovered soil" in said.text
    assert Case.objects.count() == 1
    digest = File.objects.get().sha256
    assert [row["digest"] for row in said.evidence] == [digest]
    picture = f"/cases/{first.code}/evidence/{digest}/"
    assert picture in shown
    assert client.get(picture).status_code == 200
    assert picture in client.get(f"/cases/{first.code}/evidence/").content.decode()
    another = sign_in("inspector").post("/cases/new/", {**given, "still": "1", "kept": kept[1]})
    assert another.status_code == 400  # the photographs were another's
    assert "Choose them again" in another.content.decode()
    assert Case.objects.count() == 1
    client.post("/cases/new/", {**given, "still": "1", "kept": kept[1]})
    second = Case.objects.latest("pk")
    assert len(second.events.get().data["evidence"]) == 1  # the photograph was not sent again


def test_a_grid_member_takes_in_their_own_town_only(towns: Towns, sign_in: SignIn) -> None:
    client = sign_in("grid_member", towns["甲镇"])
    refused = client.post("/cases/new/", typed(towns, territory=towns["乙镇"].code))
    assert refused.status_code in (400, 403, 409)
    assert not Case.objects.exists()
    client.post("/cases/new/", typed(towns, channel="patrol"))
    assert Case.objects.get().events.get().role == "grid_member"


def test_the_form_says_the_territory_and_when_a_case_is_opened(
    towns: Towns, sign_in: SignIn
) -> None:
    lon, lat = inside(towns["甲镇"])
    query = {"lon": lon, "lat": lat, "problem": "bare_uncovered", "datum": "WGS84"}
    page = sign_in("dispatcher").get("/cases/new/about/", query).content.decode()
    assert "甲镇" in page
    assert "Opened when" in page


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/cases/new/", 16),
        ("/cases/new/about/?problem=bare_uncovered&lon={lon}&lat={lat}", 20),
        ("/cases/new/sources/?source=S", 12),
        ("/cases/new/map/", 10),
        ("/cases/hotline/", 10),
        ("/cases/fires/", 10),
        ("/report/", 6),
        ("/report/map/", 4),
    ],
)
def test_a_page_asks_the_database_so_often(  # noqa: PLR0917 - fixtures
    towns: Towns, open_form: None, sign_in: SignIn, path: str, most: int,
    django_assert_max_num_queries: Callable,
) -> None:  # fmt: skip
    lon, lat = inside(towns["甲镇"])
    client, asked = sign_in("dispatcher"), path.format(lon=lon, lat=lat)
    client.post("/cases/new/", typed(towns, lon=lon, lat=lat))
    client.get(asked)
    with django_assert_max_num_queries(most):
        assert client.get(asked).status_code == 200


# -- excursions of the air


def hourly(values: dict[str, list[float | None]], parameter: str = "pm10") -> pl.DataFrame:
    start = datetime(2026, 11, 20, 1, tzinfo=UTC)
    return pl.DataFrame(
        [
            {"station": s, "time": start + timedelta(hours=n), parameter: v}
            for s, series in values.items()
            for n, v in enumerate(series)
        ],
        schema={"station": pl.String, "time": pl.Datetime("us", "UTC"), parameter: pl.Float64},
    )


def far(frame: pl.DataFrame) -> pl.DataFrame:
    return hours_above_median(
        frame, times=2, share=0.5, stations=5, hours=2, grade=2, zone="Asia/Shanghai"
    )


def test_far_above_the_median_needs_two_hours_without_a_break() -> None:
    others = {f"s{n}": [100.0] * 5 for n in range(4)}
    found = far(hourly({"x": [300.0, None, 300.0, 300.0, 100.0], **others}))
    assert found["station"].to_list() == ["x", "x"]
    assert found["time"].dt.hour().to_list() == [3, 4]
    assert found["against"].to_list() == [100.0, 100.0]


def test_a_median_of_few_or_of_clean_air_raises_nothing() -> None:
    assert far(hourly({"x": [300.0] * 3, **{f"s{n}": [100.0] * 3 for n in range(3)}})).is_empty()
    # thrice the median, but less than half the daily limit above it
    assert far(hourly({"x": [30.0] * 3, **{f"s{n}": [10.0] * 3 for n in range(4)}})).is_empty()


def test_an_hour_at_the_limit_attains() -> None:
    found = hours_over_limit(
        hourly({"x": [200.0, 201.0]}, "o3"), grade=2, zone="Asia/Shanghai"
    )  # GB 3095: 200 µg/m³
    assert found["value"].to_list() == [201.0]
    assert found["against"].to_list() == [200.0]


def some(network: Network) -> excursions.Excursion:
    start, end = excursions.bounds(network, clock.today() - timedelta(days=2), clock.today())
    found = excursions.find(network, start, min(end, network.now()))
    assert found, "the simulated county has excursions in its last three days"
    return found[0]


def test_an_excursion_is_taken_in_once_and_its_case_linked(
    towns: Towns, served: Network, sign_in: SignIn, django_assert_max_num_queries: Callable
) -> None:
    e, client = some(served), sign_in("dispatcher")
    client.get("/cases/excursions/")
    with django_assert_max_num_queries(14):
        page = client.get("/cases/excursions/").content.decode()
    assert f"excursion={e.key}" in page
    title = wording.title(e)
    form = client.get("/cases/new/", {"excursion": e.key}).content.decode()
    assert f'value="{title}"' in form
    given = typed(
        towns, channel="alert", title=title, problem="station_rise", excursion=e.key,
        lon=e.lon, lat=e.lat, territory="",
    )  # fmt: skip
    client.post("/cases/new/", given)
    case = Case.objects.get()
    assert (case.channel, case.problem) == ("alert", "station_rise")
    assert e.name in case.title
    assert Incoming.objects.get(kind="excursion").data["station"] == e.station
    assert f"/cases/{case.code}/" in client.get("/cases/excursions/").content.decode()
    again = client.post("/cases/new/", given)
    assert again["Location"].endswith(f"/cases/{case.code}/")
    assert Case.objects.count() == 1


def test_an_excursion_of_another_town_is_not_to_be_seen(
    towns: Towns, served: Network, sign_in: SignIn
) -> None:
    e = some(served)
    other = next(t for n, t in towns.items() if n.endswith("镇") and n not in {e.name, "城关镇"})
    page = sign_in("grid_member", other).get("/cases/excursions/").content.decode()
    assert e.key not in page


def test_the_page_of_a_station_offers_what_stands_out_there_today(
    towns: Towns, served: Network, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    e, client = some(served), sign_in("dispatcher")
    asks = f'hx-get="/cases/excursions/?station={e.station}"'
    assert asks in client.get(f"/air/stations/{e.station}/").content.decode()
    leader = sign_in("leader").get(f"/air/stations/{e.station}/").content.decode()
    assert ("/cases/excursions/" in leader) == ("cases.take_in" in ROLES["leader"].may)
    monkeypatch.setattr(intake_air.clock, "today", lambda: e.day)
    piece = {"HX-Request": "true"}
    here = client.get("/cases/excursions/", {"station": e.station}, headers=piece)
    assert f"excursion={e.key}" in here.content.decode()
    assert "<html" not in here.content.decode()
    monkeypatch.setattr(intake_air.clock, "today", lambda: e.day + timedelta(days=1))
    later = client.get("/cases/excursions/", {"station": e.station}, headers=piece)
    assert "excursion=" not in later.content.decode()


def test_an_empty_home_says_so(empty: Network, sign_in: SignIn) -> None:
    page = sign_in("expert").get("/cases/excursions/").content.decode()
    assert "no measurements yet" in page


# -- the public form


def report(towns: Towns, **others: object) -> dict[str, object]:
    moment = clock.now() - timedelta(minutes=5)
    return {
        "problem": "straw_burning", "description": "Smoke over the field", "place": "村东",
        "found_at": f"{moment:%Y-%m-%dT%H:%M}", "territory": towns["甲镇"].code, **others,
    }  # fmt: skip


@pytest.fixture
def open_form(monkeypatch: pytest.MonkeyPatch, served: Network) -> None:
    cache.clear()  # how often this visitor tried
    monkeypatch.setattr(settings, "WEB", WebSettings(public_reports=True))


def code_of(page: str) -> str:
    found = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", page)
    assert found is not None
    return found[0]


def test_anybody_reports_and_follows_by_a_code(towns: Towns, open_form: None) -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = client.post("/report/", report(towns, reporter_phone="13900000001", photos=photo()))
    code = code_of(page.content.decode())
    case = Case.objects.get()
    assert (case.channel, case.territory.name) == ("public", "甲镇")
    assert Reporter.objects.get().phone == "13900000001"
    assert code.replace("-", "") not in Incoming.objects.get().key
    told = client.post("/report/state/", {"code": code.lower()}).content.decode()
    assert "Received, to be checked" in told
    assert case.code not in told
    assert case.title not in told
    assert client.post("/report/state/", {"code": "0000-0000-0000"}).status_code == 404


def test_one_visitor_sends_so_many_reports_in_an_hour(towns: Towns, open_form: None) -> None:
    client = Client()
    answers = [client.post("/report/", report(towns)).status_code for _n in range(public.HOURLY)]
    assert set(answers) == {200}
    assert client.post("/report/", report(towns, photos=photo())).status_code >= 400
    assert Case.objects.count() == public.HOURLY
    assert not File.objects.exists()  # it was refused before anything was kept
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert other.post("/report/", report(towns)).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"website": "http://x"},
        {"found_at": "0001-01-01T00:00"},
        {"found_at": "2026-09-01T00:00"},
        {"description": "x"},
        {"photos": SimpleUploadedFile("a.pdf", b"%PDF-1.4", "application/pdf")},
        {"photos": SimpleUploadedFile("a.jpg", PDF, "image/jpeg")},
        {"photos": [photo(), SimpleUploadedFile("a.jpg", PDF, "image/jpeg")]},
        {"photos": [photo(), photo(), photo(), photo()]},
        {"photos": SimpleUploadedFile("a.jpg", b"not a photograph", "image/jpeg")},
        {"territory": "nowhere"},
    ],
)
def test_what_a_stranger_may_not_send(
    towns: Towns, open_form: None, wrong: dict[str, object]
) -> None:
    assert Client().post("/report/", report(towns, **wrong)).status_code == 400
    assert not Case.objects.exists()
    assert not File.objects.exists()  # of several photographs none is kept when one is wrong


def test_what_the_camera_wrote_is_not_kept(towns: Towns, open_form: None) -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Telephone of W."
    exif.get_ifd(0x8825)[1] = "N"  # GPS
    Image.new("RGB", (400, 300), "grey").save(out, "JPEG", exif=exif, comment=b"of W.")
    sent = SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")
    assert Client().post("/report/", report(towns, photos=sent)).status_code == 200
    file = File.objects.get()
    kept = folder.read(file)
    assert b"of W." not in kept
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.size, len(picture.getexif())) == ((300, 400), 0)


def test_photographs_that_are_refused_are_not_looked_at_for_ever(
    towns: Towns, open_form: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "TRIES", 3)
    wrong = [
        Client().post("/report/", report(towns, photos=SimpleUploadedFile("a.jpg", PDF)))
        for _n in range(4)
    ]
    said = [re.findall(r'data-code="([^"]+)"', answer.content.decode()) for answer in wrong]
    assert said == [["cases.no_photo"]] * 3 + [["cases.too_many_reports"]]
    other = Client(REMOTE_ADDR="198.51.100.7")
    assert other.post("/report/", report(towns)).status_code == 200


def test_the_visitor_is_told_by_the_word_of_a_trusted_proxy_only(
    towns: Towns, open_form: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = WebSettings(public_reports=True, proxies=("192.0.2.1",))
    monkeypatch.setattr(settings, "WEB", home)
    for n in range(public.HOURLY):  # whoever is no proxy may say what they like
        Client(REMOTE_ADDR="198.51.100.9").post(
            "/report/", report(towns), headers={"X-Forwarded-For": f"203.0.113.{n}"}
        )
    assert Incoming.objects.values("sender").distinct().count() == 1
    for n in range(2):
        Client(REMOTE_ADDR="192.0.2.1").post(
            "/report/", report(towns), headers={"X-Forwarded-For": f"203.0.113.{n}"}
        )
    assert Incoming.objects.values("sender").distinct().count() == 3


def test_where_a_report_came_from_is_forgotten_after_a_day(towns: Towns, open_form: None) -> None:
    Client().post("/report/", report(towns))
    Incoming.objects.update(at=clock.now() - timedelta(days=1, minutes=1))
    Client(REMOTE_ADDR="198.51.100.7").post("/report/", report(towns))
    assert [bool(row.sender) for row in Incoming.objects.all()] == [False, True]


def test_every_state_has_words_for_the_reporter() -> None:
    told = {state for words in public._DATA["told"].values() for state in words["states"]}
    assert told >= set(TABLE.states) - {"merged"}  # a merged one goes on as the other


def test_a_report_needs_the_token_of_its_form(towns: Towns, open_form: None) -> None:
    assert Client(enforce_csrf_checks=True).post("/report/", report(towns)).status_code == 403


def test_switched_off_it_is_not_there(
    towns: Towns, served: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WEB", WebSettings(public_reports=False))
    monkeypatch.setattr(public, "is_open", lambda: bool(settings.WEB.public_reports))
    assert Client().get("/report/").status_code == 404
    assert Client().post("/report/", report(towns)).status_code == 404


def test_a_real_home_has_it_off_and_a_simulated_one_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "WEB", WebSettings())
    for simulated in (False, True):
        home = Home.init(tmp_path / str(simulated), name="县", simulated=simulated)
        monkeypatch.setattr(settings, "HOME", home)
        assert public.is_open() is simulated
