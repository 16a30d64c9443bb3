"""Territories: entered whole or not at all, the same again, and who sees which stations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.test import Client
from shapely.geometry import shape

from lantian.errors import BadInputError, DomainError
from lantian.network import Network
from lantian.observations.datum import from_wgs84
from lantian.twin import simulate
from lantian.web.accounts.access import access_of
from lantian.web.audit.models import Event
from lantian.web.places import actions, queries
from lantian.web.places.models import Territory
from tests.web.places.places_world import (
    as_bytes,
    collection,
    feature,
    hidden,
    own,  # noqa: F401 - a fixture
    send,
    square,
)
from tests.web.world import NOW

pytestmark = pytest.mark.django_db
Sign = Callable[..., Client]
IMPORT = "/places/territories/import/"


def load(*features: dict[str, Any], datum: str = "WGS84") -> int:
    return actions.load(collection(*features), datum=datum, actor="tests")


def codes_of(error: pytest.ExceptionInfo[BadInputError]) -> list[str]:
    return [p.code for p in error.value.problems]


def test_the_county_is_entered_once(own: Network) -> None:  # noqa: F811
    del own
    county = simulate(seed=1, end=NOW).territories
    assert actions.load(county, datum="WGS84", actor="tests") == 13
    before = list(Territory.objects.values_list("pk", "code", "name", "parent", "boundary"))
    assert actions.load(county, datum="WGS84", actor="tests") == 13
    assert list(Territory.objects.values_list("pk", "code", "name", "parent", "boundary")) == before
    top = Territory.objects.get(level="county")
    assert Territory.objects.filter(level="town", parent=top).count() == 12
    assert Event.objects.filter(action="territories.imported").count() == 1


def test_a_code_stays_when_the_name_changes() -> None:
    load(feature("甲镇", code="411000001", geometry=square(114, 35)))
    pk = Territory.objects.get().pk
    load(feature("新甲镇", code="411000001", geometry=square(114, 35)))
    assert [(t.pk, t.name) for t in Territory.objects.all()] == [(pk, "新甲镇")]


def test_a_file_without_codes_finds_what_has_one() -> None:
    load(feature("甲镇", code="411000001"))
    load(feature("甲镇", geometry=square(114, 35)))
    found = Territory.objects.get()
    assert found.code == "411000001"
    assert found.boundary


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09", "CGCS2000"])
def test_boundaries_are_converted_at_the_door(datum: str) -> None:
    plain = np.array(square(114.3, 35.3)["coordinates"][0])
    lon, lat = from_wgs84(plain[:, 0], plain[:, 1], datum)  # type: ignore[arg-type]
    given = {"type": "Polygon", "coordinates": [np.column_stack([lon, lat]).tolist()]}
    load(feature("甲镇", geometry=given), datum=datum)
    found = Territory.objects.get()
    stored = np.array(shape(found.boundary).exterior.coords)
    assert found.datum == datum
    assert np.abs(stored - plain).max() < 1e-6


BAD: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "no name": ([feature("")], ["territories.no_name"]),
    "level": ([feature("甲", "galaxy")], ["territories.unknown_level"]),
    "unknown parent": ([feature("甲", parent="乙县")], ["territories.unknown_parent"]),
    "own parent": ([feature("甲", parent="甲")], ["territories.own_parent"]),
    "cycle": (
        [feature("甲", parent="乙"), feature("乙", parent="甲")],
        ["territories.unknown_parent", "territories.unknown_parent"],
    ),
    "twice": ([feature("甲", code="1"), feature("乙", code="1")], ["territories.twice"]),
    "twice by name": ([feature("甲"), feature("甲")], ["territories.twice"]),
    "overlap": (
        [feature("甲", geometry=square(114, 35)), feature("乙", geometry=square(114.05, 35))],
        ["territories.overlap"],
    ),
    "outside": (
        [feature("县", "county", geometry=square(114, 35, 0.2)),
         feature("甲", parent="县", geometry=square(115, 35))],
        ["territories.outside_parent"],
    ),
    "crossing": (
        [feature("甲", geometry={"type": "Polygon", "coordinates": [
            [[114, 35], [115, 36], [115, 35], [114, 36], [114, 35]]]})],
        ["territories.broken_boundary"],
    ),
    "point": (
        [feature("甲", geometry={"type": "Point", "coordinates": [114, 35]})],
        ["territories.not_a_boundary"],
    ),
    "metres": (
        [feature("甲", geometry=square(400000, 3900000, 5000))], ["territories.off_the_earth"],
    ),
    "garbage": (
        [feature("甲", geometry={"type": "Polygon", "coordinates": "x"})],
        ["territories.broken_boundary"],
    ),
    "datum": ([feature("甲", geometry=square(114, 35), datum="moon")], ["datum.unknown"]),
    "abroad": (
        [feature("甲", geometry=square(2, 48), datum="GCJ-02")], ["datum.outside"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_feature_enters_nothing(kind: str) -> None:
    features, codes = BAD[kind]
    with pytest.raises(BadInputError) as error:
        load(feature("好镇", code="99"), *features)
    assert codes_of(error) == codes
    assert all(p.line for p in error.value.problems)
    assert not Territory.objects.exists()
    assert not Event.objects.exists()


def test_neighbours_that_touch_do_not_overlap() -> None:
    assert load(feature("甲", geometry=square(114, 35)), feature("乙", geometry=square(114.1, 35)))


def test_a_table_without_boundaries(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    content = "名称,级别,上级,代码\n甲县,县,,410001\n甲镇,乡镇,甲县,\n".encode()
    client = sign_in("administrator")
    shown = send(client, IMPORT, content, "a.csv")
    page = client.get(shown).content.decode()
    assert "2 new" in page
    assert not Territory.objects.exists()
    client.post(shown, {"expected": hidden(page, "expected")})
    assert Territory.objects.get(name="甲镇").parent == Territory.objects.get(code="410001")
    assert client.get(shown).status_code == 404
    event = Event.objects.get(action="territories.imported")
    assert event.actor_id is not None


def test_the_page_lists_every_fault(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("administrator")
    bad = collection(feature("甲", "galaxy"), feature("乙", parent="nowhere"))
    shown = send(client, IMPORT, as_bytes(bad), "bad.geojson")
    page = client.get(shown).content.decode()
    assert "galaxy" in page
    assert "nowhere" in page
    assert 'name="expected"' not in page
    assert client.post(shown, {"expected": ""}).status_code == 400
    assert not Territory.objects.exists()


def test_another_change_meanwhile_shows_again(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("administrator")
    content = as_bytes(collection(feature("甲镇", code="1")))
    shown = send(client, IMPORT, content, "a.geojson")
    expected = hidden(client.get(shown).content.decode(), "expected")
    load(feature("老甲镇", code="1"))
    answer = client.post(shown, {"expected": expected})
    assert answer.status_code == 400
    assert Territory.objects.get().name == "老甲镇"
    client.post(shown, {"expected": hidden(answer.content.decode(), "expected")})
    assert Territory.objects.get().name == "甲镇"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.geojson", b"{}"), ("a.geojson", b"nonsense"), ("a.csv", b"x,y\n1,2\n"), ("a.xlsx", b"no")],
)
def test_a_file_that_is_none(
    own: Network, sign_in: Sign, name: str, content: bytes  # noqa: F811
) -> None:  # fmt: skip
    del own
    client = sign_in("administrator")
    answer = client.get(send(client, IMPORT, content, name))
    assert answer.status_code == 400
    assert name in answer.content.decode()


def test_the_datum_must_be_said(own: Network, sign_in: Sign) -> None:  # noqa: F811
    del own
    client = sign_in("administrator")
    assert client.post(IMPORT, {"datum": ""}).status_code == 400


def test_export_is_read_back(towns: dict[str, Territory], sign_in: Sign) -> None:
    client = sign_in("administrator")
    answer = client.get("/places/territories/?format=geojson")
    before = list(
        Territory.objects.values_list("code", "name", "level", "parent__code", "boundary")
    )
    assert actions.load(answer.json(), datum="WGS84", actor="tests") == len(towns)
    after = list(Territory.objects.values_list("code", "name", "level", "parent__code", "boundary"))
    assert after == before
    assert Event.objects.filter(action="territories.imported").count() == 1
    assert client.get("/places/territories/?format=xlsx").content[:2] == b"PK"


def test_name_parent_and_deletion(
    own: Network, sign_in: Sign, person: Callable[..., object]  # noqa: F811
) -> None:  # fmt: skip
    del own
    load(feature("县", "county", code="1"), feature("甲镇", parent="县", code="2"),
         feature("乙镇", code="3"))  # fmt: skip
    client = sign_in("administrator")
    assert client.post("/places/territories/3/", {"name": "丙镇", "parent": "1"}).status_code == 302
    moved = Territory.objects.get(code="3")
    assert (moved.name, moved.parent) == ("丙镇", Territory.objects.get(code="1"))
    assert client.post("/places/territories/1/", {"name": "县", "parent": "2"}).status_code == 400
    assert client.post("/places/territories/1/", {"delete": "1"}).status_code == 400
    person("town_officer", Territory.objects.get(code="2"))
    assert client.post("/places/territories/2/", {"delete": "1"}).status_code == 400
    assert client.post("/places/territories/3/", {"delete": "1"}).status_code == 302
    assert set(Territory.objects.values_list("code", flat=True)) == {"1", "2"}
    kinds = list(Event.objects.order_by("id").values_list("action", flat=True))
    assert kinds[-2:] == ["territories.changed", "territories.deleted"]


@pytest.mark.parametrize("role", ["dispatcher", "expert", "town_officer", "auditor", "leader"])
def test_only_administrators_manage_places(own: Network, sign_in: Sign, role: str) -> None:  # noqa: F811
    del own
    load(feature("甲镇", code="1"))
    client = sign_in(role)
    for page in ("territories/", "territories/1/", "stations/", "stations/versions/",
                 "stations/new/", "stations/of/9901S/"):  # fmt: skip
        assert client.get(f"/places/{page}").status_code == 403, page
    assert client.post("/places/territories/1/", {"delete": "1"}).status_code == 403
    assert Territory.objects.exists()


# -- whose stations


def test_a_station_belongs_where_it_lies(towns: dict[str, Territory]) -> None:
    assert queries.stations_within([towns["丙镇"]]) == {"9907S"}
    both = queries.stations_within([towns["城关镇"]])
    assert {"9901S", "9903S"} <= both
    county = next(t for t in towns.values() if t.level == "county")
    assert len(queries.stations_within([county])) == 14
    assert queries.stations_within([]) == frozenset()


def test_a_town_of_the_same_name_elsewhere_gets_nothing(towns: dict[str, Territory]) -> None:
    load(feature("邻县", "county", code="77"), feature("丙镇", parent="邻县", code="7701"))
    other = Territory.objects.get(code="7701")
    assert queries.stations_within([other]) == frozenset()
    assert queries.stations_within([towns["丙镇"]]) == {"9907S"}


def test_without_boundaries_the_name_of_the_town_counts(own: Network) -> None:  # noqa: F811
    del own
    load(feature("县", "county", code="1"), feature("丙镇", parent="县", code="2"))
    assert queries.stations_within([Territory.objects.get(code="2")]) == {"9907S"}
    assert queries.stations_within([Territory.objects.get(code="1")]) == {"9907S"}


def test_the_answer_follows_boundary_and_register(own: Network) -> None:  # noqa: F811
    load(feature("北", code="1", geometry=square(10, 50)))
    north = Territory.objects.get()
    assert queries.stations_within([north]) == frozenset()
    actions.change_station(
        actions.system("tests"), {"station": "X1", "lon": 10.05, "lat": 50.05, "datum": "WGS84"},
        standing=1,
    )  # fmt: skip
    assert queries.stations_within([north]) == {"X1"}
    load(feature("北", code="1", geometry=square(20, 50)))
    assert queries.stations_within([Territory.objects.get()]) == frozenset()
    del own


def test_a_known_answer_asks_the_database_once(
    towns: dict[str, Territory], django_assert_num_queries: Any
) -> None:  # fmt: skip
    queries.stations_within([towns["丙镇"]])
    with django_assert_num_queries(1):
        queries.stations_within([towns["丙镇"]])


def test_the_tree_counts_stations(towns: dict[str, Territory]) -> None:
    tree = {b.territory.name: b for b in queries.tree()}
    assert tree["丙镇"].stations == 1
    assert max(b.stations for b in tree.values()) == 14
    assert tree["丙镇"].depth == 1
    assert len(tree) == len(towns)


def test_a_town_officer_sees_their_own(
    person: Callable[..., Any], towns: dict[str, Territory]
) -> None:
    officer = person("town_officer", towns["丙镇"])
    assert access_of(officer, date(2026, 11, 23)).stations == {"9907S"}


def test_a_version_that_never_was(own: Network) -> None:  # noqa: F811
    with pytest.raises(DomainError):
        actions.restore_version(actions.system("tests"), 99, standing=1)
    del own


def test_what_belongs_to_something_stays_below_it() -> None:
    """Else a later change could let two territories belong to each other."""
    load(feature("丙县", "county", code="1"), feature("丙镇", "town", code="2", parent="1"))
    for told in (
        [feature("丙镇", "city", code="2")],  # keeps its parent, which is a county
        [feature("乙村", "village", code="3", parent="2"), feature("丙镇", "grid", code="2")],
    ):
        with pytest.raises(BadInputError) as refused:
            load(*told)
        assert codes_of(refused) == ["territories.unknown_parent"]
    assert dict(Territory.objects.values_list("code", "level")) == {"1": "county", "2": "town"}


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a": ' + b"1" * 5000 + b"}",
        as_bytes(collection({"properties": [1], "geometry": None})),
        as_bytes(collection({"properties": "a", "geometry": None})),
        as_bytes(collection(feature("a", geometry={"type": "Polygon"}))),
        as_bytes(collection(feature("a", geometry={"type": "Polygon", "coordinates":
                            [[[10**400, 1], [1, 1], [2, 2], [0, 0]]]}))),
        as_bytes(collection(feature("HALF", "town"))).replace(b"HALF", b"\\ud800"),
    ],
)  # fmt: skip
def test_whatever_is_sent_is_answered(
    own: Network, sign_in: Sign, content: bytes  # noqa: F811
) -> None:  # fmt: skip
    client = sign_in("administrator")
    address = send(client, IMPORT, content, "a.geojson")
    assert client.get(address).status_code in {200, 400}
