"""What the command line says of an import: what is not there, what changed, and in one language."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

from lantian.cli.failures import Exit
from tests.cli.conftest import Lantian, rows, write_register, write_table

START = datetime(2016, 3, 1)


def test_a_path_that_leads_nowhere_is_an_error_of_usage(empty: Lantian, tmp_path: Path) -> None:
    error = empty.error("import", tmp_path / "gone", code=Exit.USAGE)
    assert error["code"] == "cli.usage_no_such_path"
    assert "There is no such file or folder" in error["message"]
    assert empty("import", "/no/such", code=Exit.USAGE, lang="zh").stderr == (
        "错误：没有这个文件或文件夹：/no/such。\n"
    )


def test_what_click_says_ends_in_the_stop_of_the_language(empty: Lantian) -> None:
    assert "缺少参数 'PATHS...'。" in empty("import", code=Exit.USAGE, lang="zh").stderr
    assert "Missing argument 'PATHS...'." in empty("import", code=Exit.USAGE).stderr


def test_why_the_machine_refuses_is_said_in_chinese(empty: Lantian, tmp_path: Path) -> None:
    lines = [*rows("甲站", START, 5), "2016-13-45 01:00,甲站,1,1,1,1,1,1"]
    table = write_table(tmp_path / "t.csv", lines)
    there = table / "rest.csv"  # in a file, as if it were a folder
    said = empty("import", table, "--skip-bad", there, code=Exit.BAD_INPUT, lang="zh").stderr
    assert "这不是文件夹" in said
    assert "Not a directory" not in said


def test_what_changed_is_told(empty: Lantian, tmp_path: Path) -> None:
    empty("import", write_table(tmp_path / "t.csv", rows("A", START, 24)))
    named = empty("import", write_register(tmp_path / "stations.csv")).stdout
    found = re.search(r"1 station of the register is changed \(([^)]*)\): A", named)
    assert found is not None, named
    assert "name" in found[1].split(", ")
    revised = empty("import", write_table(tmp_path / "u.csv", rows("A", START, 12, 1.0))).stdout
    table = revised.partition("Stored values that were replaced")[2]
    assert re.search(r"pm25 +12 +1 ", table), revised
    assert "lantian value STATION PARAMETER TIME" in table


def test_boundaries_in_a_folder_are_named_with_who_takes_them(
    empty: Lantian, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    write_table(folder / "t.csv", rows("A", START, 24))
    square = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    town = {"type": "Feature", "properties": {"name": "甲镇"}, "geometry": square}
    (folder / "towns.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [town]}), "utf-8"
    )
    said = empty("import", folder, lang="zh").stdout
    assert "towns.geojson 是属地边界，不是监测数据；请在“属地”页面导入。" in said
    assert " table " not in said  # the format by what it is called
    body = empty.json("import", folder)
    assert [i["file"].endswith("towns.geojson") for i in body["ignored"]] == [True]
