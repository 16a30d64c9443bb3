"""The catalogue of problem types: the shipped one is usable, and errors name type and field."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lantian.errors import BadInputError, DomainError, UnknownNameError
from lantian.i18n import activate
from lantian.web.cases import catalogue_versions
from lantian.web.cases.catalogue import STAGES, Catalogue, Limit, by_version, in_force
from lantian.web.cases.catalogue_reading import LEADS, SHIPPED, parse, read, shipped
from lantian.web.cases.catalogue_versions import FOLDER, SEALS, seal, versions
from lantian.web.duties.models import Kind
from lantian.web.duties.sectors import SECTORS
from lantian.web.sources.kinds import KINDS

TEXT = SHIPPED.read_text("utf-8")
OWN = TEXT.replace('version = "1"', 'version = "county-2"').replace("2020-01-01", "2026-09-01")


@pytest.fixture
def english() -> None:
    activate("en")


# -- what is shipped


def test_every_sector_and_kind_of_source_has_problems() -> None:
    types = shipped().types.values()
    assert {t.sector for t in types} == set(SECTORS)
    assert {kind for t in types for kind in t.kinds} == set(KINDS)
    assert len(types) >= 30


@pytest.mark.parametrize("code", shipped().types)
def test_a_shipped_type_is_whole(code: str) -> None:
    found = shipped().types[code]
    assert set(found.limits) == set(STAGES)
    assert found.evidence["finish"], "nothing is reported put right without evidence"
    assert found.evidence["pass"] == {"photo_check": 1}
    for zh in (found.zh, found.opening_zh, found.closing_zh, found.unit_zh):
        assert any("一" <= c <= "鿿" for c in zh)
    for sentence in (found.opening_zh, found.closing_zh):
        assert sentence.endswith("。")
    for sentence in (found.opening_en, found.closing_en):
        assert sentence.endswith(".")
        assert sentence.isascii()


def test_names_are_given_once() -> None:
    types = shipped().types.values()
    for names in ([t.zh for t in types], [t.en for t in types]):
        assert len(set(names)) == len(names)


def test_the_kinds_of_organisations_are_those_of_the_duties() -> None:
    assert set(LEADS) == set(Kind.values)


def test_burning_is_answered_within_hours() -> None:
    limits = shipped().type("straw_burning").limits
    assert (limits["verifying"], limits["rectifying"]) == (Limit(1, "hours"), Limit(2, "hours"))
    assert limits["closing"] == Limit(1, "working_days"), "the rest is that of its pace"


def test_a_type_speaks_both_languages() -> None:
    found = shipped().type("site_unwashed")
    activate("zh")
    assert (found.title, found.unit) == ("工地出入口车辆未冲洗、带泥上路", "住房城乡建设部门")
    assert found.opening.startswith("车辆未经冲洗")
    activate("en")
    assert (found.title, found.unit) == ("Site: trucks leave unwashed", "housing and construction")
    assert found.closing.startswith("The wash is in use")


def test_types_that_fit_a_source() -> None:
    codes = {t.code for t in shipped().fitting(source_kind="road")}
    assert {"road_dust", "muck_truck_spill", "other"} <= codes
    assert "site_uncovered" not in codes
    assert {t.sector for t in shipped().fitting("catering")} == {"catering"}


def test_a_type_is_kept_as_json() -> None:
    record = shipped().type("cems_abnormal").as_record()
    assert json.loads(json.dumps(record)) == record
    assert record["limits"]["rectifying"] == {"value": 1, "unit": "working_days"}
    assert record["evidence"]["finish"] == {"photo_after": 1, "record": 1}


def test_a_type_that_is_not_there() -> None:
    with pytest.raises(UnknownNameError) as caught:
        shipped().type("no_such")
    assert caught.value.code == "cases.unknown_problem"


# -- errors


def drop(*keys: str) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        for key in keys[:-1]:
            table = table[key]
        del table[keys[-1]]

    return change


def put(value: object, *keys: str) -> Callable[[dict[str, Any]], None]:
    def change(table: dict[str, Any]) -> None:
        for key in keys[:-1]:
            table = table.setdefault(key, {})
        table[keys[-1]] = value

    return change


SITE = ("types", "site_unpaved")


@pytest.mark.parametrize(
    ("change", "where", "says"),
    [
        (drop("version"), "version", "must match"),
        (put("1 a", "version"), "version", "must match"),
        (put("2026", "valid_from"), "valid_from", "a day such as"),
        (put(2, "schema"), "schema", "must be 1"),
        (put(1, "colour"), "colour", "no such field"),
        (put({}, "types"), "types", "no problem type"),
        (drop("types"), "types", "it is missing"),
        (drop(*SITE, "zh"), "types.site_unpaved.zh", "1 to 40"),
        (put("长" * 41, *SITE, "zh"), "types.site_unpaved.zh", "1 to 40"),
        (drop(*SITE, "closing_en"), "types.site_unpaved.closing_en", "1 to 500"),
        (put("lunar", *SITE, "sector"), "types.site_unpaved.sector", "one of industry"),
        (put("ice", *SITE, "medium"), "types.site_unpaved.medium", "one of air"),
        (put("grave", *SITE, "severity"), "types.site_unpaved.severity", "general, serious"),
        (drop(*SITE, "severity"), "types.site_unpaved.severity", "it is missing"),
        (put("ministry", *SITE, "lead"), "types.site_unpaved.lead", "one of office"),
        (put("road", *SITE, "kinds"), "types.site_unpaved.kinds", "a list"),
        (put(["roads"], *SITE, "kinds"), "types.site_unpaved.kinds", "one of enterprise"),
        (put(["road", "road"], *SITE, "kinds"), "types.site_unpaved.kinds", "stands twice"),
        (put("slow", *SITE, "pace"), "types.site_unpaved.pace", "one of at_once"),
        (put(1, *SITE, "points"), "types.site_unpaved.points", "no such field"),
        (put({}, "types", "Bad"), "types.Bad", "must match"),
        (
            put({"value": 0, "unit": "days"}, *SITE, "limits", "opened"),
            "types.site_unpaved.limits.opened.value",
            "from 1 to 365",
        ),
        (
            put({"value": 5, "unit": "weeks"}, *SITE, "limits", "opened"),
            "types.site_unpaved.limits.opened.unit",
            "working_hours",
        ),
        (
            put({"value": 5, "unit": "hours"}, *SITE, "limits", "look_back"),
            "types.site_unpaved.limits.look_back.unit",
            "days or working_days",
        ),
        (
            put({"value": 5, "unit": "days"}, *SITE, "limits", "sleeping"),
            "types.site_unpaved.limits.sleeping",
            "one of verifying",
        ),
        (drop("paces", "quick", "opened"), "paces.quick.opened", "the limit is missing"),
        (
            put({"photo_after": 99}, *SITE, "evidence", "finish"),
            "types.site_unpaved.evidence.finish.photo_after",
            "from 1 to 20",
        ),
        (
            put({"video": 1}, *SITE, "evidence", "finish"),
            "types.site_unpaved.evidence.finish.video",
            "one of photo_before",
        ),
        (
            put({"photo_after": 1}, *SITE, "evidence", "accept"),
            "types.site_unpaved.evidence.accept",
            "one of verify",
        ),
        (drop("evidence_kinds", "record", "en"), "evidence_kinds.record.en", "1 to 80"),
    ],
)
@pytest.mark.usefixtures("english")
def test_an_error_names_its_place(
    change: Callable[[dict[str, Any]], None], where: str, says: str
) -> None:
    table = tomllib.loads(TEXT)
    change(table)
    with pytest.raises(BadInputError) as caught:
        parse(table, "mine.toml")
    assert caught.value.code == "cases.bad_catalogue"
    found = [p for p in caught.value.problems if p.column == where]
    assert found, [p.where() for p in caught.value.problems]
    assert says in found[0].message
    assert found[0].where() == f"mine.toml:{where}"


@pytest.mark.usefixtures("english")
def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace('sector = "coal"', 'sector = "peat"'), encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        read(path)
    assert [p.column for p in caught.value.problems] == [
        "types.loose_coal_sold.sector",
        "types.coal_quality.sector",
        "types.loose_coal_burned.sector",
    ]
    assert "3 errors" in caught.value.message


def test_a_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("version = ", encoding="utf-8")
    with pytest.raises(BadInputError):
        read(path)


# -- versions


def made(version: str, day: date) -> Catalogue:
    types, kinds = shipped().types, shipped().evidence_kinds
    return Catalogue(version, day, version, types, kinds)


def test_the_latest_that_has_begun_is_in_force() -> None:
    one, two = made("a", date(2026, 1, 1)), made("b", date(2026, 9, 1))
    assert in_force([one, two], date(2026, 8, 31)) is one
    assert in_force([one, two], date(2026, 9, 1)) is two
    assert in_force([one, made("c", date(2026, 1, 1))], date(2026, 5, 1)).version == "c"
    with pytest.raises(DomainError) as caught:
        in_force([one, two], date(2025, 12, 31))
    assert caught.value.code == "cases.no_catalogue"


def write(home: Path, text: str, name: str = "mine.toml") -> Path:
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_home_without_its_own_has_the_shipped_one(tmp_path: Path) -> None:
    assert versions(tmp_path) == (shipped(),)


def test_an_office_adds_its_own_version(tmp_path: Path) -> None:
    write(tmp_path, OWN)
    both = versions(tmp_path)
    assert [c.version for c in both] == ["1", "county-2"]
    assert in_force(both, date(2026, 8, 31)).version == "1"
    assert in_force(both, date(2026, 9, 1)).version == "county-2"
    assert by_version(both, "county-2").origin == "mine.toml"
    with pytest.raises(UnknownNameError):
        by_version(both, "county-3")


def test_a_version_may_change_until_it_is_used(tmp_path: Path) -> None:
    write(tmp_path, OWN)
    versions(tmp_path)
    path = write(tmp_path, OWN.replace("道路未硬化", "道路没有硬化"))
    assert by_version(versions(tmp_path), "county-2").type("site_unpaved").zh == "工地道路没有硬化"
    seal(tmp_path, "county-2")
    path.write_text("# a comment\n" + path.read_text("utf-8"), encoding="utf-8")
    versions(tmp_path)
    write(tmp_path, OWN)
    with pytest.raises(DomainError) as caught:
        versions(tmp_path)
    assert caught.value.code == "cases.catalogue_changed"
    path.unlink()
    with pytest.raises(DomainError) as caught:
        versions(tmp_path)
    assert caught.value.code == "cases.catalogue_changed"


def test_a_used_version_outlives_the_release_that_shipped_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal(tmp_path, "1")
    seal(tmp_path, "1")
    assert json.loads((tmp_path / FOLDER / SEALS).read_text()) == {"1": shipped().digest}
    later = made("2", date(2027, 1, 1))
    monkeypatch.setattr(catalogue_versions, "shipped", lambda: later)
    both = versions(tmp_path)
    assert by_version(both, "1").digest == shipped().digest
    assert in_force(both, date(2026, 12, 31)).version == "1"
    assert in_force(both, date(2027, 1, 1)).version == "2"


def test_a_shipped_version_does_not_push_out_the_office_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, OWN)
    later = made("2", date(2027, 1, 1))
    monkeypatch.setattr(catalogue_versions, "shipped", lambda: later)
    assert in_force(versions(tmp_path), date(2027, 1, 1)).version == "county-2"


def test_two_files_of_one_version(tmp_path: Path) -> None:
    write(tmp_path, OWN)
    write(tmp_path, OWN, "again.toml")
    with pytest.raises(DomainError) as caught:
        versions(tmp_path)
    assert caught.value.code == "cases.catalogue_twice"


def test_a_file_may_not_pass_for_the_shipped_version(tmp_path: Path) -> None:
    write(tmp_path, TEXT.replace("道路未硬化", "道路没有硬化"))
    with pytest.raises(DomainError) as caught:
        versions(tmp_path)
    assert caught.value.code == "cases.catalogue_twice"


def test_seals_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, "[]", SEALS)
    with pytest.raises(DomainError) as caught:
        versions(tmp_path)
    assert caught.value.code == "cases.seals_unreadable"
