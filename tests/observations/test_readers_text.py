from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import BadInputError
from lantian.observations.readers import text
from lantian.observations.readers.cells import Found, numbers
from lantian.observations.readers.sectors import SECTORS
from lantian.observations.readers.times import parse_times


def put(folder: Path, data: bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def code_of(path: Path) -> str:
    with pytest.raises(BadInputError) as caught:
        text.read_csv(path)
    assert path.name in caught.value.message
    assert caught.value.problems[0].file == path.name
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_headers_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = put(tmp_path, "时间,细颗粒物\n2016-01-01,35\n".encode(encoding))
    sheet = text.read_csv(path)
    assert sheet.frame.columns == ["时间", "细颗粒物", "line"]
    assert sheet.frame.row(0) == ("2016-01-01", "35", 2)
    assert text.header(text.head(path)) == ["时间", "细颗粒物"]


def test_gbk_is_said(tmp_path: Path) -> None:
    assert text.read_csv(put(tmp_path, "站点,a\n甲,1\n".encode("gbk"))).notes == (
        "Read as GB18030.",
    )


def test_gzip_under_any_name(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(b"a,b\n1,2\n"), "a.csv")
    assert text.read_csv(path).frame.height == 1
    assert text.head(path).data == b"a,b\n1,2\n"
    assert text.head(put(tmp_path, b"x", "b.CSV.gz")).suffix == ".csv"


def test_truncated_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(50_000)))
    path = put(tmp_path, whole[: len(whole) // 2], "half.csv.gz")
    assert code_of(path) == "read.truncated"
    with pytest.raises(BadInputError, match="ends in the middle"):
        text.load(path)


def test_damaged_gzip(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(b"a,b\n1,2\n" * 1000))
    whole[20] ^= 0xFF
    whole[-5] ^= 0xFF
    assert code_of(put(tmp_path, bytes(whole))) == "read.damaged"


def test_binary_is_no_text(tmp_path: Path) -> None:
    assert code_of(put(tmp_path, bytes(range(256)) * 8)) == "read.not_text"
    assert code_of(put(tmp_path, b"a,b\n\xff\xfe\xfd\x80,1\n")) == "read.not_text"


def test_empty_and_absent(tmp_path: Path) -> None:
    assert code_of(put(tmp_path, b"")) == "read.empty"
    assert code_of(put(tmp_path, b" \n\n")) == "read.empty"
    assert code_of(tmp_path / "none.csv") == "read.not_found"
    assert code_of(tmp_path) == "read.unreadable"


def test_header_only_has_no_rows(tmp_path: Path) -> None:
    assert text.read_csv(put(tmp_path, b"a,b\n")).frame.height == 0
    assert text.read_csv(put(tmp_path, b"a,b")).frame.height == 0


def test_column_twice(tmp_path: Path) -> None:
    assert code_of(put(tmp_path, b"a,b,a\n1,2,3\n")) == "read.duplicate_column"


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"1,2\n3,4,5\n6,7\n", [3]),
        (b"1,2\n3\n6,7\n", [3]),
        (b"1,2,9\n3\n6,7\n", [2, 3]),  # as many commas as if nothing were wrong
        (b'"x,y",2\n3\n', [3]),
        (b'"x\ny",2\n3\n', [4]),
        (b"1,2\n3,\n", []),  # the last cell is empty, not absent
        (b"1,2\n\n\n3,4", []),
        (b"1,2\r\n3,4\r\n\r\n", []),
    ],
)
def test_ragged_rows(tmp_path: Path, body: bytes, lines: list[int]) -> None:
    sheet = text.read_csv(put(tmp_path, b"a,b\n" + body))
    assert [p.line for p in sheet.ragged] == lines
    assert {p.code for p in sheet.ragged} <= {"read.ragged_row"}


def test_lines_are_physical(tmp_path: Path) -> None:
    sheet = text.read_csv(put(tmp_path, b'a,b\n"x\ny",1\n\n"p\n\nq",2\n3,4\n'))
    assert sheet.frame["b"].to_list() == ["1", "2", "4"]
    assert sheet.frame["line"].to_list() == [2, 5, 8]


def test_blank_lines_first_and_carriage_returns_alone(tmp_path: Path) -> None:
    sheet = text.read_csv(put(tmp_path, b"\n\r\na,b\n1,2\n3\n"))
    assert sheet.frame["line"].to_list() == [4, 5]
    assert [p.line for p in sheet.ragged] == [5]
    path = put(tmp_path, b"a,b\r1,2\r")
    assert text.header(text.head(path)) == ["a", "b"]
    assert text.read_csv(path).frame.row(0) == ("1", "2", 2)


@pytest.mark.parametrize("body", [b'"1,2\n3,4\n', b'1,"2"x\n3,4\n'])
def test_quotes_that_do_not_match(tmp_path: Path, body: bytes) -> None:
    path = put(tmp_path, b"a,b\n" + body)
    with pytest.raises(BadInputError, match="its quotes do not match"):
        text.read_csv(path)


def test_line_column_of_rejected_rows_gives_way(tmp_path: Path) -> None:
    sheet = text.read_csv(put(tmp_path, b"line,a,b\n77,1,2\n99,3,4\n"))
    assert sheet.frame["line"].to_list() == [2, 3]


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x not in (-99, -999)))
def test_numbers_come_back_as_written(value: float) -> None:
    found = Found("f")
    frame = pl.DataFrame({"x": [repr(value)], "line": [2]})
    assert numbers(frame, "x", found).to_list() == [value]
    assert found.total == 0


@pytest.mark.parametrize(
    "cell", ["NA", "—", "-", "-;", " / ", "--", "null", "-99", "-999.0", "-9999", "NaN", "无", ""]
)
def test_signs_of_missing(cell: str) -> None:
    found = Found("f")
    frame = pl.DataFrame({"x": [cell], "line": [2]})
    assert numbers(frame, "x", found).to_list() == [None]
    assert found.total == 0


@pytest.mark.parametrize("cell", ["12a", "1,234", "inf", "-inf", "０．５x", "H", "1 2"])
def test_what_is_no_number_is_named(cell: str) -> None:
    found = Found("f.csv")
    frame = pl.DataFrame({"x": ["1", cell], "line": [2, 3]})
    assert numbers(frame, "x", found).to_list() == [1.0, None]
    (problem,) = found.problems
    assert (problem.file, problem.line, problem.column) == ("f.csv", 3, "x")
    assert problem.code == "read.not_a_number"
    assert problem.message == f"'{cell}' is not a number; correct it, or leave the cell empty."


def test_blanks_around_a_number_do_not_matter() -> None:
    frame = pl.DataFrame({"x": [" 5 ", "\t6"], "line": [2, 3]})
    assert numbers(frame, "x", Found("f")).to_list() == [5.0, 6.0]


def test_at_most_a_thousand_problems_are_kept_and_all_counted() -> None:
    found = Found("f")
    numbers(pl.DataFrame({"x": ["bad"] * 5000, "line": range(5000)}), "x", found)
    assert len(found.problems) == BadInputError.LIMIT
    assert found.total == 5000
    assert len(found.bad_lines()) == 5000


TEN = datetime(2016, 1, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2016-01-01T10:00:00+08:00",
        "2016-01-01T02:00:00Z",
        "2016-01-01 02:00:00.000Z",
        "2016-01-01 10:00:00",
        "2016-01-01 10:00",
        "2016-01-01T10:00",
        "2016/1/1 10:00",
        "2016.1.1 10:00:00",
        "2016年1月1日10时",
        "2016年01月01日 10时00分",
        "20160101 10:00",
        "201601011000",
        "2016-01-01 10",
        " 2016-01-01 10:00 ",
    ],
)
def test_times_as_people_write_them(written: str) -> None:
    assert parse_times(pl.Series([written]), "Asia/Shanghai").to_list() == [TEN]


def test_twenty_four_oclock_is_the_next_day() -> None:
    got = parse_times(pl.Series(["2016-02-29 24:00", "2016/12/31 24:00:00"]), "UTC").to_list()
    assert got == [datetime(2016, 3, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC)]


@pytest.mark.parametrize("written", ["2016-13-01 01:00", "2016-02-30 01:00", "25:00", "x", ""])
def test_no_time(written: str) -> None:
    assert parse_times(pl.Series([written]), "UTC").to_list() == [None]


def test_an_hour_the_clock_skips_or_repeats_is_no_time() -> None:
    both = pl.Series(["2024-03-31 02:30", "2024-10-27 02:30", "2024-10-27 04:30"])
    assert parse_times(both, "Europe/Berlin").is_null().to_list() == [True, True, False]


def test_sectors_are_centres_clockwise_with_north_360() -> None:
    assert SECTORS["N"] == SECTORS["北"] == 360.0
    assert SECTORS["NNE"] == 22.5
    assert SECTORS["E"] == SECTORS["东风"] == 90.0
    assert SECTORS["NNW"] == SECTORS["北西北"] == SECTORS["西北偏北"] == 337.5
    assert SECTORS["SW"] == SECTORS["西南"] == 225.0
    assert min(SECTORS.values()) > 0
