"""Organisations and matrix as Excel, there and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lantian.errors import BadInputError
from lantian.observations.readers.table_cells import load_sheets
from lantian.web.duties import actions, queries, sheets
from lantian.web.duties.models import Organisation, Rule
from tests.web.duties.conftest import BY, DAY, Office

RULE_COLUMNS = ("lead", "reason")


def written(path: Path, rows: list[list[str]]) -> Path:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    page = book.add_worksheet()
    for line, row in enumerate(rows):
        page.write_row(line, 0, row)
    book.close()
    return path


@pytest.fixture
def matrix(office: Office) -> list[Rule]:
    housing, city = office.unit("县住建局", sector="construction"), office.unit("=SUM(A1)城管局")
    return [
        office.rule(
            housing, territory=office.towns["丙镇"], sector="construction",
            source_kind="construction_site", industry=city, leader_of=city, grid="grid_member",
        ),
        office.rule(city, sector="road", supporting=(housing,), problem_type="road_dust"),
        office.rule(city, reason="=HYPERLINK(0)"),
    ]  # fmt: skip


def test_what_was_written_changes_nothing(matrix: list[Rule], tmp_path: Path) -> None:
    rows = queries.rules(queries.RuleFilter(), DAY)
    path = tmp_path / "matrix.xlsx"
    path.write_bytes(sheets.rules_xlsx(rows))
    cells = [c for row in load_sheets(path)[0].cells.rows() for c in row if c]
    assert "'=HYPERLINK(0)" in cells
    assert not any(c.startswith("=") for c in cells)
    read = sheets.read(path, sheets.RULES, RULE_COLUMNS)
    done = actions.import_rules(BY, read, "matrix.xlsx", today=DAY, dry_run=False)
    assert (done.touched, done.same) == (0, 3)
    assert Rule.objects.count() == 3
    organisations = tmp_path / "units.xlsx"
    organisations.write_bytes(sheets.organisations_xlsx(Organisation.objects.all()))
    units = sheets.read(organisations, sheets.ORGANISATIONS, ("name", "kind"))
    done = actions.import_organisations(BY, units, "units.xlsx", today=DAY, dry_run=False)
    assert (done.touched, done.same) == (0, 2)


def test_changed_new_and_ended_rows_land(
    matrix: list[Rule], tmp_path: Path, events: Callable[[], list[str]]
) -> None:
    head = ["编号", "属地", "行业领域", "牵头单位", "配合单位", "依据", "结束日期"]
    path = written(tmp_path / "m.xlsx", [
        ["责任矩阵"], head,
        ["R-001", "丙镇", "建筑施工", "县住建局", "", "Order 2", ""],
        ["R-003", "", "", "O-002", "", "=HYPERLINK(0)", "2026/11/30"],
        ["", "甲镇", "不限", "O-001", "", "Order 3", ""],
    ])  # fmt: skip
    rows = sheets.read(path, sheets.RULES, RULE_COLUMNS)
    trial = actions.import_rules(BY, rows, "m.xlsx", today=DAY, dry_run=True)
    assert Rule.objects.count() == 3
    done = actions.import_rules(BY, rows, "m.xlsx", today=DAY, dry_run=False)
    assert done == trial
    assert (len(done.new), len(done.changed), len(done.ended)) == (1, 1, 1)
    assert [str(r) for r in Rule.objects.all()] == [
        "R-001-v1", "R-001-v2", "R-002-v1", "R-003-v1", "R-004-v1",
    ]  # fmt: skip
    assert queries.last_day(Rule.objects.get(number="R-003")).isoformat() == "2026-11-30"  # type: ignore[union-attr]
    assert events()[-1] == "duties.matrix_imported"


def test_each_bad_row_is_named_and_nothing_lands(matrix: list[Rule], tmp_path: Path) -> None:
    path = written(tmp_path / "bad.xlsx", [
        ["编号", "辖区", "领域", "污染源类别", "牵头单位", "依据"],
        ["", "辰镇", "", "", "县住建局", "x"],
        ["", "", "航天", "", "县住建局", "x"],
        ["", "", "", "飞船", "县住建局", "x"],
        ["", "", "", "", "县航天局", "x"],
        ["R-099", "", "", "", "县住建局", "x"],
        ["", "乙镇", "", "", "县住建局", ""],
        ["", "丁镇", "", "", "县住建局", "good"],
    ])  # fmt: skip
    rows = sheets.read(path, sheets.RULES, RULE_COLUMNS)
    with pytest.raises(BadInputError) as error:
        actions.import_rules(BY, rows, "bad.xlsx", today=DAY, dry_run=False)
    assert [(p.line, p.column, p.value) for p in error.value.problems] == [
        (2, "territory", "辰镇"), (3, "sector", "航天"), (4, "source_kind", "飞船"),
        (5, "lead", "县航天局"), (6, "number", "R-099"), (7, None, None),
    ]  # fmt: skip
    assert Rule.objects.count() == 3


def test_days_and_headers_are_looked_at_first(towns: object, tmp_path: Path) -> None:
    path = written(tmp_path / "d.xlsx", [["牵头单位", "依据", "止"], ["A", "x", "2026-13-01"]])
    with pytest.raises(BadInputError) as error:
        sheets.read(path, sheets.RULES, RULE_COLUMNS)
    assert [(p.line, p.column) for p in error.value.problems] == [(2, "last")]
    path = written(tmp_path / "h.xlsx", [["什么"], ["A"]])
    with pytest.raises(BadInputError, match="lead unit"):
        sheets.read(path, sheets.RULES, RULE_COLUMNS)


def test_organisations_by_the_page(office: Office, sign_in: Callable[..., Client]) -> None:
    client = sign_in("dispatcher")
    content = "名称,类别,辖区,上级单位\n县住建局,职能部门,,\n住建二队,其他,丙镇,县住建局\n".encode()
    file = SimpleUploadedFile("units.csv", content)
    shown = client.post("/duties/organisations/import/", {"file": file})
    assert shown.status_code == 200
    assert Organisation.objects.count() == 0
    text = shown.content.decode()
    rows = text.split('name="rows" value="')[1].split('"')[0]
    assert client.post("/duties/organisations/import/", {"rows": rows}).status_code == 302
    second = Organisation.objects.get(code="O-002")
    assert (second.kind, second.parent.name) == ("other", "县住建局")  # type: ignore[union-attr]
    stale = client.post("/duties/organisations/import/", {"rows": rows})
    assert stale.status_code == 400  # both are there by now
    assert Organisation.objects.count() == 2
    forged = client.post("/duties/organisations/import/", {"rows": rows[:-4] + "AAAA"})
    assert forged.status_code == 400
