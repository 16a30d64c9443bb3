"""The station register: imported after a look, changed, restored; two people at once."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client

from lantian.network import Network
from lantian.web.audit.models import Event
from tests.web.places.places_world import hidden, own, send  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
Sign = Callable[..., Client]
IMPORT = "/places/stations/import/"
LIST = """站点编码,站点名称,经度,纬度,乡镇
9901S,东站,114.4463,35.3815,城关镇
N1,新站,114.5,35.4,新镇
"""


def row(network: Network, station: str) -> dict[str, object]:
    register = network.home.store.stations()
    assert register is not None
    return register.filter(pl.col("station") == station).row(0, named=True)


def test_a_list_is_shown_then_taken_in(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    shown = send(client, IMPORT, LIST.encode(), "s.csv", "GCJ-02")
    page = client.get(shown).content.decode()
    assert "1 new, 1 changed, 0 taken out" in page
    assert len(own.home.store.station_versions()) == 1
    answer = client.post(shown, {"standing": hidden(page, "standing")})
    assert answer.status_code == 302
    versions = own.home.store.station_versions()
    assert versions[-1].event == Event.objects.get(action="stations.imported").pk
    new = row(own, "N1")
    assert new["datum"] == "GCJ-02"
    assert isinstance(new["lon"], float)
    assert 0.001 < abs(new["lon"] - 114.5) < 0.02
    assert own.stations().height == 15


def test_the_whole_register(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    shown = send(client, IMPORT, LIST.encode(), "s.csv")
    page = client.get(f"{shown}?replace=1").content.decode()
    assert "13 taken out" in page
    client.post(shown, {"standing": hidden(page, "standing"), "replace": "1"})
    register = own.home.store.stations()
    assert register is not None
    assert register["station"].to_list() == ["9901S", "N1"]


@pytest.mark.parametrize(
    ("content", "datum"),
    [
        (LIST, ""),
        ("站点编码,站点名称,经度,纬度\nA,a,35,114\n", "WGS84"),
        ("站点编码,站点名称\nA,a\nA,b\n", "WGS84"),
        ("foo,bar\n1,2\n", "WGS84"),
    ],
)
def test_a_bad_list_changes_nothing(
    own: Network, sign_in: Sign, content: str, datum: str  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("administrator")
    shown = send(client, IMPORT, content.encode(), "s.csv", datum)
    answer = client.get(shown)
    assert answer.status_code == 400
    assert client.post(shown, {"standing": "1"}).status_code == 400
    assert len(own.home.store.station_versions()) == 1


def test_one_station_is_changed(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    page = client.get("/places/stations/of/9907S/").content.decode()
    before = row(own, "9907S")
    given = {"name": "丙镇新站", "kind": "township", "town": "丙镇", "city": str(before["city"]),
             "network": str(before["network"]), "start": "2018-01-01", "lon": "114.4",
             "lat": "35.3", "datum": "BD-09", "standing": hidden(page, "standing")}  # fmt: skip
    assert client.post("/places/stations/of/9907S/", given).status_code == 302
    after = row(own, "9907S")
    assert after["name"] == "丙镇新站"
    assert after["datum"] == "BD-09"
    assert after["lon"] != 114.4
    event = Event.objects.get(action="stations.changed")
    assert event.details["before"]["name"] == before["name"]
    again = client.get("/places/stations/of/9907S/").content.decode()
    assert 'value="114.4"' in again  # shown as it was given


def test_the_form_shown_saved_again_moves_nothing(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    given = {"name": "N", "lon": "114.41", "lat": "35.31", "datum": "GCJ-02", "station": "N9",
             "standing": "1"}  # fmt: skip
    client.post("/places/stations/new/", given)
    before = row(own, "N9")
    client.post("/places/stations/of/N9/", {**given, "standing": "2"})
    after = row(own, "N9")
    assert after["lon"] == pytest.approx(before["lon"], abs=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [{"lon": "114", "lat": ""}, {"lon": "114", "lat": "35", "datum": ""}, {"kind": "galactic"},
     {"start": "2020-02-01", "end": "2020-01-01"}, {"lon": "0", "lat": "0", "datum": "WGS84"}],
)  # fmt: skip
def test_a_station_that_makes_no_sense(
    own: Network, sign_in: Sign, wrong: dict[str, str]  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("administrator")
    answer = client.post("/places/stations/new/", {"station": "N2", "standing": "1", **wrong})
    assert answer.status_code == 400
    assert len(own.home.store.station_versions()) == 1


def test_two_people_at_once(own: Network, sign_in: Sign) -> None:  # noqa: F811
    one, two = sign_in("administrator"), sign_in("administrator")
    given = {"station": "N3", "name": "a", "standing": "1"}
    assert one.post("/places/stations/new/", given).status_code == 302
    answer = two.post("/places/stations/new/", {**given, "station": "N4"})
    assert answer.status_code == 400
    register = own.home.store.stations()
    assert register is not None
    assert "N4" not in register["station"].to_list()
    assert Event.objects.filter(action="data.not_landed").count() == 1


def test_the_heading_names_its_version(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    assert "14 stations, version 1<" in client.get("/places/stations/").content.decode()
    given = {"name": "新站", "lon": "114.41", "lat": "35.31", "datum": "GCJ-02", "station": "N9",
             "standing": "1"}  # fmt: skip
    client.post("/places/stations/new/", given)
    assert "15 stations, version 2<" in client.get("/places/stations/").content.decode()


def test_a_version_is_put_in_force_again(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    client.post("/places/stations/new/", {"station": "N3", "name": "a", "standing": "1"})
    page = client.get("/places/stations/versions/").content.decode()
    assert "Put in force again" in page
    assert (
        client.post("/places/stations/versions/", {"version": "1", "standing": "1"}).status_code
        == 400
    )
    client.post("/places/stations/versions/", {"version": "1", "standing": "2"})
    register = own.home.store.stations()
    assert register is not None
    assert "N3" not in register["station"].to_list()
    assert len(own.home.store.station_versions()) == 3


@pytest.mark.parametrize("format_", ["csv", "xlsx", "geojson"])
def test_the_register_as_a_file_is_read_back(
    own: Network, sign_in: Sign, format_: str  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("administrator")
    content = client.get(f"/places/stations/?format={format_}").content
    shown = send(client, IMPORT, content, f"s.{format_}")
    assert "Nothing would change" in client.get(shown).content.decode()
    del own


def test_a_number_without_end_is_no_page(own: Network, sign_in: Sign) -> None:  # noqa: F811
    client = sign_in("administrator")
    assert client.get("/places/stations/", {"page": "9" * 5000}).status_code == 200
    versions = client.post("/places/stations/versions/", {"version": "9" * 5000})
    assert versions.status_code == 404
