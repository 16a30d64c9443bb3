"""Files of sources: round trips, bad rows, formulas, headers."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import fastexcel
import pytest

from lantian import i18n
from lantian.errors import BadInputError
from lantian.observations.readers.table_cells import load_sheets
from lantian.web.audit.models import Event
from lantian.web.sources import actions, exporting
from lantian.web.sources.models import Change, Source
from lantian.web.sources.planning import plan
from tests.web.sources.world import ACTOR, PROJECT, SITE, WORKS, add, demo_file, land, workbook
from tests.web.world import NOW

pytestmark = pytest.mark.usefixtures("towns")
HEADERS = ("名称", "经度", "纬度", "坐标系", "占地面积", "施工阶段", "施工单位")


def site(name: str, **changed: object) -> list[object]:
    row: dict[str, object] = {
        "名称": name, "经度": 114.2379, "纬度": 35.2390, "坐标系": "WGS84", "占地面积": 5000,
        "施工阶段": "土石方", "施工单位": "第一建筑公司",
    }  # fmt: skip
    return list({**row, **changed}.values())


def stored() -> list[Source]:
    return list(Source.objects.select_related("territory", "organisation"))


def demo_county(folder: Path) -> None:
    """Enter the sources of the demo."""
    path = folder / "sources.geojson"
    demo_file(path)
    land(path, "WGS84")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_workbook_comes_back_unchanged_and_three_changes_are_three(
    language: i18n.Language, tmp_path: Path
) -> None:
    demo_county(tmp_path)
    i18n.activate(language)
    path = tmp_path / "out.xlsx"
    path.write_bytes(exporting.xlsx(stored(), people=True))
    again = plan(path, "", NOW.date())
    assert [(e.source.name, e.changes) for e in again.entries if e.state != "same"] == []
    assert not again.problems
    assert len(again.entries) == Source.objects.count() == 59
    sheets = {str(t.name): [list(r) for r in t.cells.rows()] for t in load_sheets(path)}
    for kind, field, value in (
        ("construction_site", "attributes.area", "43000"), ("enterprise", "grade", "B"),
        ("road", "name", "县城北环路"),
    ):  # fmt: skip
        told = exporting.KINDS[kind]
        sheets[told.title][1][exporting.fields_of(told, people=True).index(field)] = value
    workbook(path, sheets)
    changed = plan(path, "", NOW.date())
    assert changed.count("changed") == 3
    assert changed.count("new") == 0
    assert sum(len(e.changes) for e in changed.entries) == 3
    before = Change.objects.count()
    land(path)
    assert Change.objects.count() == before + 3
    event = Event.objects.filter(action="sources.imported").first()
    assert event is not None
    assert len(event.details["sources"]) == 3


def test_geojson_comes_back_unchanged_also_with_extents(tmp_path: Path) -> None:
    demo_county(tmp_path)
    path = tmp_path / "out.geojson"
    path.write_bytes(exporting.geojson(stored(), people=True))
    again = plan(path, "", NOW.date())
    assert [(e.source.name, e.changes) for e in again.entries if e.state != "same"] == []
    assert not again.problems
    assert sum(s.boundary is not None for s in stored()) > 30


def test_an_export_without_people_keeps_those_stored(tmp_path: Path) -> None:
    add("enterprise", WORKS)
    path = tmp_path / "out.xlsx"
    path.write_bytes(exporting.xlsx(stored(), people=False))
    assert plan(path, "", NOW.date()).count("same") == 1
    assert b"0000-0000001" not in exporting.geojson(stored(), people=False)


def test_five_bad_rows_are_named_and_nothing_lands(tmp_path: Path) -> None:
    path = workbook(tmp_path / "工地.xlsx", {
        "施工工地": [
            HEADERS, site("一号"), site("二号", 占地面积="大"), site("三号", 施工阶段="装卸"),
            site("四号", 经度=214.0), site("五号", 坐标系=""), site("六号", 施工单位=""),
            site("一号"),
        ],
        "备注": [("说明",), ("此表无污染源",)],
    })  # fmt: skip
    found = plan(path, "", NOW.date()).problems
    assert [(p.file, p.line, p.column, p.value, p.code) for p in found] == [
        ("工地.xlsx!施工工地", 3, "占地面积", "大", "sources.not_a_number"),
        ("工地.xlsx!施工工地", 4, "施工阶段", "装卸", "sources.no_choice"),
        ("工地.xlsx!施工工地", 5, "经度", "214", "sources.off_the_earth"),
        ("工地.xlsx!施工工地", 6, "坐标系", None, "sources.no_datum"),
        ("工地.xlsx!施工工地", 7, "施工单位", None, "sources.required"),
        ("工地.xlsx!施工工地", 8, "名称", "一号", "sources.twice"),
    ]
    with pytest.raises(BadInputError) as told:
        actions.enter(ACTOR, path, "", expected=None, now=NOW)
    assert told.value.total == 6
    assert not Source.objects.exists()
    assert not Event.objects.filter(action__startswith="sources.").exists()


def test_a_file_gives_the_same_source_again(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", {"施工工地": [HEADERS, site("一号"), site("二号")]})
    land(path)
    assert [s.number for s in stored()] == ["S00001", "S00002"]
    assert plan(path, "", NOW.date()).count("same") == 2
    more = workbook(tmp_path / "b.xlsx", {"施工工地": [HEADERS, site("二号", 占地面积=7)]})
    assert [(e.source.number, dict(e.changes)) for e in plan(more, "", NOW.date()).entries] == [
        ("S00002", {"attributes.area": (5000.0, 7.0)})
    ]


def test_formulas_are_text_when_written_and_when_read(tmp_path: Path) -> None:
    add("enterprise", WORKS, name="=HYPERLINK(1)", address="+1")
    path = tmp_path / "out.xlsx"
    path.write_bytes(exporting.xlsx(stored(), people=True))
    with zipfile.ZipFile(path) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
        assert "<t>'=HYPERLINK(1)</t>" in parts.read("xl/sharedStrings.xml").decode()
    assert plan(path, "", NOW.date()).count("same") == 1


def test_a_missing_column_keeps_and_an_empty_cell_empties(tmp_path: Path) -> None:
    add("enterprise", WORKS, grade="C", address="东街")
    rows = [("编号", "类型", "名称", "绩效等级"), ("S00001", "工业企业", "甲镇第一砖厂", "")]
    land(workbook(tmp_path / "a.xlsx", {"清单": rows}))
    source = stored()[0]
    assert (source.grade, source.address, source.credit_code) == ("", "东街", WORKS["credit_code"])


def test_own_numbers_are_kept_and_the_kind_stays(tmp_path: Path) -> None:
    rows = [
        ("编号", "类型", "名称", "辖区", "行业代码"),
        ("QY-01", "工业企业", "一厂", "甲镇", 3031),
    ]
    land(workbook(tmp_path / "a.xlsx", {"清单": rows}))
    assert (stored()[0].number, stored()[0].attributes) == ("QY-01", {"industry_code": "3031"})
    rows = [
        ("编号", "类型", "名称"),
        ("QY-01", "道路", "一厂"),
        ("无", "工业企业", "二厂"),
        ("", "船", "三"),
    ]
    found = plan(workbook(tmp_path / "b.xlsx", {"清单": rows}), "", NOW.date()).problems
    assert [p.code for p in found][:1] == ["sources.kind_fixed"]
    assert {"sources.bad_number", "sources.no_kind"} <= {p.code for p in found}


def test_an_unknown_column_is_said(tmp_path: Path) -> None:
    rows = [(*HEADERS, "占地面积（亩）？"), [*site("一号"), "7.5"]]
    found = plan(workbook(tmp_path / "a.xlsx", {"施工工地": rows}), "", NOW.date()).problems
    assert [p.code for p in found] in ([], ["sources.unknown_column"])
    rows = [(*HEADERS, "塔吊数"), [*site("一号"), 3]]
    found = plan(workbook(tmp_path / "b.xlsx", {"施工工地": rows}), "", NOW.date()).problems
    assert [(p.code, p.column) for p in found] == [("sources.unknown_column", "塔吊数")]


def test_a_file_neither_closes_nor_skips_measures(tmp_path: Path) -> None:
    add("construction_site", SITE)
    add("construction_site", PROJECT)
    rows = [("编号", "类型", "名称", "状态"), ("S00001", "施工工地", SITE["name"], "已关闭"),
            ("S00002", "施工工地", PROJECT["name"], "在建")]  # fmt: skip
    found = plan(workbook(tmp_path / "a.xlsx", {"清单": rows}), "", NOW.date()).problems
    assert [p.code for p in found] == ["sources.step_by_hand", "sources.measures_missing"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.geojson", "[]", "sources.not_geojson"),
        ("a.geojson", "{", "sources.not_geojson"),
        ("a.geojson", '{"features": [7]}', "sources.not_geojson"),
        ("a.geojson", '{"features": []}', "read.empty"),
        ("a.csv", "甲,乙\n1,2\n", "sources.no_header"),
    ],
)
def test_what_is_no_file_of_sources_is_said(
    name: str, content: str, code: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    with pytest.raises(BadInputError) as told:
        plan(path, "", NOW.date())
    assert told.value.code == code


@pytest.mark.parametrize(
    "geometry",
    [{"type": "Point"}, {"type": "Point", "coordinates": "x"}, 7, {"type": "Polygon"},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
     {"type": "GeometryCollection", "geometries": []}],
)  # fmt: skip
def test_broken_geometries_are_told(geometry: object, tmp_path: Path) -> None:
    properties = {
        "kind": "bare_ground",
        "name": "地块",
        "area": 5,
        "land_use": "idle",
        "datum": "WGS84",
    }
    feature = {"type": "Feature", "geometry": geometry, "properties": properties}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"features": [feature]}), "utf-8")
    assert plan(path, "", NOW.date()).problems


def test_the_form_to_fill_in_has_a_sheet_for_each_kind() -> None:
    read = fastexcel.read_excel(exporting.xlsx((), people=True))
    assert read.sheet_names == [k.title for k in exporting.KINDS.values()]


def test_the_demo_lies_in_the_towns_it_names(tmp_path: Path) -> None:
    demo_county(tmp_path)
    for source in stored():
        town = source.territory.name
        assert source.name.startswith((town, "县城", "过境", "国道", "甲丙")), (source.name, town)
    planned = [s for s in stored() if s.status == "planned"]
    assert len(planned) == 3
    assert {s.kind for s in stored()} == set(exporting.KINDS)
