"""Entering, changing and closing sources: rules, history, audit, places."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from lantian.errors import BadInputError, DomainError
from lantian.observations.datum import from_wgs84
from lantian.web.audit.actors import Actor
from lantian.web.audit.models import Event
from lantian.web.places.models import Territory
from lantian.web.sources import actions
from lantian.web.sources.models import Change, Source
from tests.web.sources.world import ACTOR, HERE, PROJECT, SITE, WORKS, add
from tests.web.world import NOW

pytestmark = pytest.mark.usefixtures("towns")
LINE = '{"type":"LineString","coordinates":[[114.22,35.23],[114.25,35.24]]}'
ROAD = {"name": "甲镇镇区道路", "attributes.road_class": "town", "attributes.length": "3.1",
        "attributes.sweeping": "1", "datum": "WGS84", "boundary": LINE}  # fmt: skip


def faults(error: BadInputError) -> dict[str | None, str]:
    return {p.column: p.code for p in error.problems}


def wrong(kind: str, cells: dict[str, str], **more: str) -> dict[str | None, str]:
    """Return what is objected to, by field; nothing may have been stored."""
    with pytest.raises(BadInputError) as told:
        add(kind, cells, **more)
    assert not Source.objects.filter(name=cells["name"]).exists()
    return faults(told.value)


def test_a_source_lies_where_its_position_is(towns: dict[str, Territory]) -> None:
    source = add("construction_site", SITE)
    assert (source.number, source.territory, source.sector) == (
        "S00001",
        towns["甲镇"],
        "construction",
    )
    assert source.attributes == {
        "area": 42000.0, "stage": "earthwork", "contractor": "第一建筑公司"
    }  # fmt: skip
    assert Change.objects.get().kind == "added"
    assert Event.objects.get(action="sources.added").object_id == str(source.pk)


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09", "CGCS2000"])
def test_positions_are_kept_in_wgs84(datum: str) -> None:
    lon, lat = from_wgs84([114.2379], [35.2390], datum)
    there = {"lon": f"{lon[0]:.8f}", "lat": f"{lat[0]:.8f}", "datum": datum}
    source = add("construction_site", SITE, **there)
    assert (source.lon, source.lat) == pytest.approx((114.2379, 35.2390), abs=2e-7)
    assert source.datum == datum


def test_extents_are_kept_in_wgs84_and_place_a_source(towns: dict[str, Territory]) -> None:
    source = add("road", ROAD)
    assert source.boundary["type"] == "LineString"
    assert (source.lon, source.lat) == pytest.approx((114.235, 35.235), abs=1e-4)
    assert source.territory == towns["甲镇"]
    moved = add("road", ROAD, name="另一条", datum="GCJ-02")
    assert moved.boundary["coordinates"][0] != source.boundary["coordinates"][0]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"lon": "114,2379x"}, "lon", "sources.not_a_number"),
        ({"lon": "35.2390", "lat": "114.2379"}, "lon", "sources.off_the_earth"),
        ({"lon": "120.0", "lat": "30.0"}, "lon", "sources.nowhere"),
        ({"lat": ""}, "lat", "sources.half_a_place"),
        ({"datum": ""}, "datum", "sources.no_datum"),
        ({"datum": "火星"}, "datum", "datum.unknown"),
        ({"territory": "乙镇"}, "territory", "sources.elsewhere"),
        ({"territory": "卯镇"}, "territory", "sources.no_territory"),
        ({"lon": "", "lat": ""}, "territory", "sources.no_place"),
        ({"name": ""}, "name", "sources.no_name"),
        ({"name": "工" * 81}, "name", "sources.too_long"),
        ({"attributes.area": ""}, "attributes.area", "sources.required"),
        ({"attributes.stage": "x"}, "attributes.stage", "sources.no_choice"),
        ({"stacks": "DA001/45/1.2"}, "stacks", "sources.no_stacks"),
        ({"credit_code": "91350100M000100Y44"}, "credit_code", "sources.bad_credit_code"),
        ({"organisation": "无此单位"}, "organisation", "sources.no_organisation"),
        ({"grade": "E"}, "grade", "sources.no_grade"),
        ({"sector": "x"}, "sector", "sources.no_sector"),
        ({"status": "closed"}, "status", "sources.closed_at_once"),
        ({"status": "x"}, "status", "sources.no_status"),
        ({"status": "planned"}, "approval_number", "sources.no_approval"),
        ({"measures.paving": "2026-09-01"}, "measures.paving", "sources.not_planned"),
        ({"boundary": LINE}, "boundary", "sources.wrong_shape"),
        ({"boundary": "{}"}, "boundary", "sources.wrong_shape"),
        ({"boundary": "["}, "boundary", "sources.bad_extent"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field(
    changed: dict[str, str], field: str, code: str
) -> None:  # fmt: skip
    assert wrong("construction_site", {**SITE, **changed})[field] == code


def test_the_same_source_is_not_entered_twice() -> None:
    add("construction_site", SITE)
    with pytest.raises(DomainError, match="S00001"):
        add("construction_site", SITE)


def test_only_kinds_with_measures_are_planned() -> None:
    planned = {**WORKS, "status": "planned", "approval_number": "1", "approved_on": "2026-09-01"}
    assert wrong("enterprise", planned) == {"status": "sources.never_planned"}


def test_ground_is_broken_when_all_measures_are_in_place() -> None:
    source = add("construction_site", PROJECT)
    assert set(source.measures.values()) == {None}
    with pytest.raises(DomainError) as told:
        actions.move(ACTOR, source.number, "operating", reason="", now=NOW)
    assert told.value.code == "sources.measures_missing"
    assert len(told.value.data["missing"]) == 8
    seen = actions.version(source)
    future = {"measures.paving": "2026-11-24"}
    with pytest.raises(BadInputError) as bad:
        actions.change(ACTOR, source.number, future, seen=seen, now=NOW)
    assert faults(bad.value) == {"measures.paving": "sources.in_the_future"}
    done = {f"measures.{m}": "2026-11-20" for m in source.measures}
    actions.change(ACTOR, source.number, done, seen=seen, now=NOW)
    assert actions.move(ACTOR, source.number, "operating", reason="", now=NOW).status == "operating"


def test_a_source_is_closed_with_a_reason_and_reopened() -> None:
    number = add("construction_site", SITE).number
    with pytest.raises(DomainError) as told:
        actions.move(ACTOR, number, "closed", reason=" ", now=NOW)
    assert told.value.code == "sources.reason_needed"
    actions.move(ACTOR, number, "closed", reason="竣工", now=NOW)
    with pytest.raises(DomainError) as told:
        actions.move(ACTOR, number, "stopped", reason="x", now=NOW)
    assert told.value.code == "sources.no_such_step"
    actions.move(ACTOR, number, "operating", reason="二期", now=NOW)
    moves = Change.objects.filter(kind="moved_on").order_by("pk")
    assert [(c.fields["status"], c.reason) for c in moves] == [
        (["operating", "closed"], "竣工"), (["closed", "operating"], "二期")
    ]  # fmt: skip
    assert Event.objects.filter(action="sources.moved_on").count() == 2


def test_a_change_keeps_before_and_after_and_hides_people_from_the_log() -> None:
    source = add("enterprise", WORKS)
    cells = {"grade": "B级", "contacts": "新环保岗/安环部/0000-0000002"}
    changed = actions.change(ACTOR, source.number, cells, seen=actions.version(source), now=NOW)
    assert changed.grade == "B"
    fields = Change.objects.get(kind="changed").fields
    assert fields["grade"] == ["", "B"]
    assert fields["contacts"][1][0]["name"] == "新环保岗"
    event = Event.objects.get(action="sources.changed")
    assert "0000-0000002" not in event.data
    assert event.details["fields"]["contacts"] == [1, 1]


def test_saving_what_is_stored_changes_nothing() -> None:
    source = add("construction_site", SITE)
    cells = {"lon": str(source.lon), "lat": str(source.lat), "territory": source.territory.code}
    actions.change(ACTOR, source.number, cells, seen=actions.version(source), now=NOW)
    assert not Event.objects.filter(action="sources.changed").exists()


def test_a_position_shown_in_wgs84_is_not_shifted_again() -> None:
    lon, lat = from_wgs84([114.2379], [35.2390], "GCJ-02")
    source = add("construction_site", SITE, lon=str(lon[0]), lat=str(lat[0]), datum="GCJ-02")
    cells = {"lon": str(source.lon), "lat": str(source.lat), "datum": "GCJ-02", "grade": "B"}
    made = actions.change(ACTOR, source.number, cells, seen=actions.version(source), now=NOW)
    assert (made.lon, made.lat, made.grade) == (source.lon, source.lat, "B")


def test_who_saw_an_older_state_is_told() -> None:
    source = add("enterprise", WORKS)
    seen = actions.version(source)
    actions.change(ACTOR, source.number, {"grade": "B"}, seen=seen, now=NOW.replace(hour=1))
    with pytest.raises(DomainError) as told:
        actions.change(ACTOR, source.number, {"grade": "C"}, seen=seen, now=NOW)
    assert told.value.code == "store.not_as_shown"


def test_actions_need_the_capability() -> None:
    anybody = Actor("somebody", may=frozenset({"sources.see"}))
    number = add("enterprise", WORKS).number
    with pytest.raises(PermissionDenied):
        actions.add(anybody, "construction_site", SITE, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.change(anybody, number, {}, seen="", now=NOW)
    with pytest.raises(PermissionDenied):
        actions.move(anybody, number, "stopped", reason="", now=NOW)


def test_numbers_go_on_after_the_highest() -> None:
    add("enterprise", WORKS)
    Source.objects.update(number="S00041")
    assert add("construction_site", SITE).number == "S00042"
    assert HERE["lon"]  # the position of both, so that neither is the other
