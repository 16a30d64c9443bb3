"""The mapping of a vendor's table: guessed, shown, saved, used again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import BadInputError
from lantian.observations.readers import mapping as mp
from lantian.observations.readers.base import Options
from lantian.observations.readers.table import TableReader

TEXT = (
    "某公司导出\n"
    "采集时刻,测点,细粒子,状态,温,序号\n"
    "2026-01-01 00:00,甲,0.035,0,3.5,1\n"
    "2026-01-01 01:00,甲,0.036,4,3.6,2\n"
)
MAPPING = mp.Mapping(
    layout="wide",
    time=(mp.TimeColumn("采集时刻", "datetime"),),
    station=mp.StationColumns("column", "测点"),
    values=(
        mp.ValueColumn("细粒子", "pm25", "mg/m3", "状态", confirmed=True),
        mp.ValueColumn("温", "temp", "°C"),
    ),
    header_row=2,
    label="start",
    valid_flags=("0",),
    ignored=("序号",),
)


def _sheet(path, text):
    path.write_text(text, "utf-8")
    return mp.load_sheets(path)[0]


def test_a_guess_is_shown_column_by_column(tmp_path):
    sheet = _sheet(
        tmp_path / "a.csv",
        "时间,站点编码,站点名称,PM2.5(μg/m³),PM2.5标识,CO(mg/m³),AQI,首要污染物\n"
        "2026-01-01 01:00,A,甲站,35,N,1.2,50,\n",
    )
    shown = mp.guess(sheet).describe()
    assert shown == [
        ("时间", "date and time"),
        ("(time)", "1h; the time is the end of each value's period; zone of the network"),
        ("站点编码", "station"),
        ("站点名称", "name of the station"),
        ("PM2.5(μg/m³)", "PM2.5 [µg/m³]"),
        ("PM2.5标识", "marks of PM2.5"),
        ("CO(mg/m³)", "CO [mg/m³]"),
        ("AQI", "published AQI, to compare with"),
        ("首要污染物", "not read"),
    ]


def test_a_written_mapping_reads_what_cannot_be_guessed(tmp_path):
    path = tmp_path / "a.csv"
    with pytest.raises(BadInputError):
        mp.guess(_sheet(path, TEXT))
    reading = TableReader().read(path, Options(mapping=MAPPING))
    rows = reading.frame.select("parameter", "value", "flag", "grade").rows()
    assert rows == [
        ("pm25", 35.0, "0", "valid"),
        ("pm25", 36.0, "4", "invalid"),
        ("temp", 3.5, "", "valid"),
        ("temp", 3.6, "", "valid"),
    ]
    # 00:00 names the start: the hour ends at 01:00 in Shanghai, 17:00 UTC of the day before
    assert str(reading.frame["time"][0]) == "2025-12-31 17:00:00+00:00"
    assert any("4" in note for note in reading.notes)
    assert reading.mapping == MAPPING


def test_a_mapping_finds_its_columns_in_another_order_and_on_another_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("测点,时间,pm10\n甲,2026-01-01 01:00,35\n", "utf-8")
    guessed = mp.guess(mp.load_sheets(path)[0])
    path.write_text("标题\n第二行\npm10,时间,测点\n36,2026-01-01 02:00,甲\n", "utf-8")
    reading = TableReader().read(path, Options(mapping=guessed))
    assert reading.frame["value"].to_list() == [36.0]


def test_a_mapping_that_does_not_fit_names_what_is_missing(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("测点,时间,pm10\n甲,2026-01-01 01:00,35\n", "utf-8")
    with pytest.raises(BadInputError, match="细粒子") as error:
        TableReader().read(path, Options(mapping=MAPPING))
    assert error.value.code == "read.mapping_mismatch"


def test_confirmed_units_are_not_doubted(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"2026-01-01 {h:02d}:00,甲,0.5\n" for h in range(1, 9))
    guessed = mp.guess(_sheet(path, f"时间,测点,PM2.5(μg/m³)\n{rows}"))
    doubted = TableReader().read(path, Options())
    assert [p.code for p in doubted.problems] == ["read.suspicious_unit"]
    sure = replace(guessed, values=(replace(guessed.values[0], confirmed=True),))
    assert TableReader().read(path, Options(mapping=sure)).problems == ()


LONG = mp.Mapping(
    layout="long",
    time=(mp.TimeColumn("日期", "date"), mp.TimeColumn("时", "hour")),
    station=mp.StationColumns("given", text='甲"站\\'),
    long=mp.LongColumns("因子", "浓度", "单位", "标识"),
    zone="UTC",
    period="5m",
)


@pytest.mark.parametrize("mapping", [MAPPING, LONG], ids=["wide", "long"])
def test_saved_mappings_load_equal(tmp_path, mapping):
    mp.save(mapping, tmp_path / "m.toml")
    assert mp.load(tmp_path / "m.toml") == mapping


@given(header=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8))
def test_any_header_survives_saving(tmp_path_factory, header):
    mapping = replace(MAPPING, time=(mp.TimeColumn(header, "datetime"),), ignored=(header,))
    path = tmp_path_factory.mktemp("m") / "m.toml"
    mp.save(mapping, path)
    assert mp.load(path) == mapping


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("layout = ", "TOML"),
        ('label = "middle"', "middle"),
        ('layout = "wide"\ncolour = 3', "colour"),
        ('layout = "wide"', "[[time]] is missing"),
        ('layout = "long"', "[long] is missing"),
        ('layout = "wide"\n[[values]]\nheader = "a"', "takes header, parameter"),
        ('layout = "wide"\nheader_row = "x"', "header_row"),
        ('layout = "wide"\nperiod = "hourly"', "period"),
        ('layout = "wide"\ntime = "a"', "[[time]]"),
        ('layout = "wide"\nlong = 3', "[long]"),
        (
            'layout = "wide"\n[[values]]\nheader = "a"\nparameter = "pm99"\nunit = "stone"',
            "pm99",
        ),
        (
            'layout = "wide"\n[[values]]\nheader = "a"\nparameter = "pm25"\nunit = "stone"',
            "stone",
        ),
    ],
)
def test_a_bad_mapping_file_says_what_is_wrong(tmp_path, text, seen):
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(BadInputError) as error:
        mp.load(path)
    assert error.value.code == "mapping.bad_file"
    assert seen in str(error.value)


def test_a_mapping_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInputError, match="does not exist"):
        mp.load(tmp_path / "none.toml")
