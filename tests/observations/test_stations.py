"""The station register and its files."""

from __future__ import annotations

import datetime as dt
import json

import fastexcel
import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from lantian.errors import BadInputError, InvalidArgumentError
from lantian.observations import stations
from lantian.observations.datum import from_wgs84
from lantian.observations.spreadsheet import plain_text, safe_text

LIST = (
    "监测点编码,监测点名称,城市,经度,纬度,对照点\n"
    "1001A,万寿西宫,北京,116.366,39.8673,N\n"
    "1002A,定陵(对照点),北京,116.17,40.2865,Y\n"
)


def _write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


def _codes(error):
    return [(p.line, p.column, p.code) for p in error.value.problems]


def _register():
    return stations.conform(
        pl.DataFrame(
            {
                "station": ["1001A", "T01", "M-1"],
                "name": ["万寿西宫", "=cmd()", None],
                "city": ["北京", "沁阳", None],
                "town": [None, "怀庆街道", None],
                "lon": [116.366, 112.94534567, None],
                "lat": [39.8673, 35.08912345, None],
                "datum": ["WGS84", "GCJ-02", None],
                "kind": ["national", "township", "micro"],
                "control": [True, None, None],
                "operator": [None, "-1+2", "@x"],
                "start": [dt.date(2013, 1, 1), None, None],
                "end": [dt.date(2020, 12, 31), None, None],
            }
        )
    )


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx", "r.geojson"])
@pytest.mark.parametrize("headers", ["en", "zh"])
def test_what_is_written_reads_back_equal(tmp_path, name, headers):
    register = _register()
    stations.write_register(register, tmp_path / name, headers=headers)
    again = stations.read_register(tmp_path / name)
    assert_frame_equal(again, register)
    stations.write_register(again, tmp_path / f"2{name}", headers=headers)
    assert_frame_equal(stations.read_register(tmp_path / f"2{name}"), register)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_public_station_list_needs_a_datum(tmp_path, encoding):
    path = _write(tmp_path / "站点列表.csv", LIST, encoding)
    with pytest.raises(BadInputError) as error:
        stations.read_register(path)
    assert error.value.code == "stations.no_datum"
    assert "坐标系" in str(error.value)
    frame = stations.read_register(path, datum="WGS84")
    assert frame["station"].to_list() == ["1001A", "1002A"]
    assert frame["control"].to_list() == [False, True]
    assert frame["lon"].to_list() == [116.366, 116.17]
    assert dict(frame.schema) == stations.REGISTER


def test_an_unknown_datum_argument_is_refused(tmp_path):
    with pytest.raises(LookupError, match="GCJ-02"):
        stations.read_register(_write(tmp_path / "a.csv", LIST), datum="Mars")


def test_positions_are_converted_at_the_door_and_only_once(tmp_path):
    lon, lat = from_wgs84([112.9453], [35.0891], "BD-09")
    path = _write(
        tmp_path / "a.csv",
        f"站点编码,经度,纬度,坐标系\nT01,{float(lon[0])!r},{float(lat[0])!r},百度坐标系\n",
    )
    frame = stations.read_register(path)
    assert frame["lon"][0] == pytest.approx(112.9453, abs=1e-7)
    assert frame["lat"][0] == pytest.approx(35.0891, abs=1e-7)
    assert frame["datum"][0] == "BD-09"
    stations.write_register(frame, tmp_path / "b.csv")
    assert_frame_equal(stations.read_register(tmp_path / "b.csv"), frame)


def test_every_bad_row_is_listed_and_nothing_is_taken(tmp_path):
    path = _write(
        tmp_path / "bad.csv",
        "某县监测站点一览表\n"
        "站点编码,站点名称,经度,纬度,坐标系,站点类型,对照点,启用日期,停用日期\n"
        "A,甲,112.9,35.1,WGS84,国控,N,2013/1/1,\n"
        "A,甲,112.9,35.1,WGS84,国控,N,,\n"
        ",无号,112.9,35.1,WGS84,国控,N,,\n"
        "B,乙,35.1,112.9,WGS84,国控,N,,\n"
        "C,丙,112.9,,WGS84,国控,N,,\n"
        "D,丁,112.9,35.1,,国控,N,,\n"
        "E,戊,112.9,35.1,北京54,国控,N,,\n"
        "F,己,112.9x,35.1,WGS84,国控,N,,\n"
        "G,庚,112.9,35.1,WGS84,星站,也许,2020年1月1日,昨天\n"
        "H,辛,112.9,35.1,WGS84,乡镇站,否,2020-01-02,2020-01-01\n"
        "I,壬,2.35,48.85,GCJ-02,国控,N,,\n"
        "J,癸,0,0,WGS84,国控,N,,\n",
    )
    with pytest.raises(BadInputError) as error:
        stations.read_register(path)
    assert sorted(_codes(error)) == sorted(
        [
            (4, "station", "stations.duplicate"),
            (5, "station", "stations.no_id"),
            (6, "lat", "stations.position"),
            (7, "lat", "stations.half_position"),
            (8, "datum", "stations.no_datum"),
            (9, "datum", "datum.unknown"),
            (10, "lon", "stations.not_a_number"),
            (11, "kind", "stations.unknown_kind"),
            (11, "control", "stations.not_yes_or_no"),
            (11, "end", "stations.not_a_date"),
            (12, "end", "stations.dates"),
            (13, "lon", "datum.outside"),
            (14, "lon", "stations.position"),
        ]
    )
    assert "bad.csv" in error.value.message


def test_geojson_is_wgs84_unless_a_feature_says_otherwise(tmp_path):
    lon, lat = from_wgs84([112.9453], [35.0891], "GCJ-02")
    features = [
        {
            "type": "Feature",
            "properties": {"站点编码": "A", "名称": "甲", "级别": "省控"},
            "geometry": {"type": "Point", "coordinates": [112.9453, 35.0891]},
        },
        {
            "type": "Feature",
            "id": "B",
            "properties": {"datum": "GCJ-02"},
            "geometry": {"type": "Point", "coordinates": [lon[0], lat[0]]},
        },
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    frame = stations.read_register(path)
    assert frame["station"].to_list() == ["A", "B"]
    assert frame["name"].to_list() == ["甲", "B"]
    assert frame["kind"].to_list() == ["provincial", None]
    assert frame["datum"].to_list() == ["WGS84", "GCJ-02"]
    assert frame["lon"][1] == pytest.approx(112.9453, abs=1e-7)


def test_geojson_that_is_none_says_so(tmp_path):
    with pytest.raises(BadInputError, match="FeatureCollection"):
        stations.read_register(_write(tmp_path / "a.geojson", "[1, 2]"))


def test_a_polygon_is_no_station(tmp_path):
    feature = {
        "type": "Feature",
        "properties": {"station": "A"},
        "geometry": {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [5, 6], [1, 2]]]},
    }
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    with pytest.raises(BadInputError) as error:
        stations.read_register(path)
    assert error.value.problems[0].code == "stations.not_a_number"


def test_a_workbook_with_a_title_and_numbers_as_ids(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("站点")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.merge_range(0, 0, 0, 4, "某市站点表")
    sheet.write_row(1, 0, ["站点编号", "站名", "经度", "纬度", "建站日期"])
    sheet.write_row(2, 0, [1001, "甲", 112.945300001, 35.0891])
    sheet.write_datetime(2, 4, dt.datetime(2013, 1, 1), day)
    book.close()
    frame = stations.read_register(tmp_path / "a.xlsx", datum="CGCS2000")
    assert frame.row(0, named=True) == {
        **dict.fromkeys(stations.REGISTER),
        "station": "1001",
        "name": "甲",
        "lon": 112.945300001,
        "lat": 35.0891,
        "datum": "CGCS2000",
        "control": False,
        "start": dt.date(2013, 1, 1),
    }


def test_a_file_without_ids_says_what_was_seen(tmp_path):
    with pytest.raises(BadInputError, match="foo, bar"):
        stations.read_register(_write(tmp_path / "a.csv", "foo,bar\n1,2\n"))


def test_two_columns_for_one_thing(tmp_path):
    path = _write(tmp_path / "a.csv", "站点编码,监测点编码\n1,2\n")
    with pytest.raises(BadInputError, match="站点编码, 监测点编码"):
        stations.read_register(path)


def test_no_formula_reaches_a_spreadsheet(tmp_path):
    stations.write_register(_register(), tmp_path / "r.csv")
    text = (tmp_path / "r.csv").read_text("utf-8-sig")
    assert ",'=cmd()," in text
    assert ",'-1+2," in text
    assert ",'@x," in text
    stations.write_register(_register(), tmp_path / "r.xlsx")
    cells = fastexcel.read_excel(tmp_path / "r.xlsx").load_sheet(0, dtypes="string").to_polars()
    assert cells["name"].to_list()[1] == "'=cmd()"


@given(text=st.text(alphabet="'=+-@\t\rab中", max_size=6))
def test_marking_of_formulas_is_one_to_one(text):
    safe = safe_text(text)
    assert safe[:1] not in tuple("=+-@\t\r")
    assert plain_text(safe) == text
    frame = pl.DataFrame({"t": [text]})
    assert frame.select(safe_text(pl.col("t"))).item() == safe
    assert frame.select(plain_text(safe_text(pl.col("t")))).item() == text


def test_conform_fills_and_checks():
    frame = stations.conform(pl.DataFrame({"station": ["A", "B"], "kind": ["background", None]}))
    assert frame["control"].to_list() == [True, False]
    assert frame["name"].to_list() == ["A", "B"]
    assert frame.columns == list(stations.REGISTER)
    with pytest.raises(InvalidArgumentError, match="station"):
        stations.conform(pl.DataFrame({"name": ["A"]}))
    with pytest.raises(BadInputError) as error:
        stations.conform(pl.DataFrame({"station": ["A", "A"]}))
    assert _codes(error) == [(2, "station", "stations.duplicate")]
    with pytest.raises(BadInputError) as error:
        stations.conform(pl.DataFrame({"station": ["A"], "lon": [112.9], "lat": [35.0]}))
    assert _codes(error) == [(1, "datum", "stations.no_datum")]


def test_an_unknown_suffix_is_refused(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"\.geojson"):
        stations.write_register(stations.empty(), tmp_path / "r.shp")
