from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.errors import InvalidArgumentError
from lantian.observations import parameters as p


def convert(value: float, parameter: str, unit: str) -> float:
    expr = p.to_standard_unit(pl.lit(value), p.PARAMETERS[parameter], unit)
    result: float = pl.select(expr).item()
    return result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PM2.5", "pm25"),
        ("pm2_5", "pm25"),
        ("PM₂.₅（μg/m³）", "pm25"),
        ("细颗粒物(PM2.5)", "pm25"),
        ("PM1.0", "pm1"),  # not PM10
        ("PM10", "pm10"),
        ("一氧化碳(mg/m3)", "co"),
        ("O₃", "o3"),
        ("O3_8h", None),  # a sliding mean is no hourly value
        ("PM2.5_24h", None),
        ("CO2", None),
        ("NO", "no"),
        ("No", None),  # a row number
        ("WSPM", "ws"),
        ("风向", "wd"),
        ("", None),
    ],
)
def test_find_parameter(text: str, expected: str | None) -> None:
    found = p.find_parameter(text)
    assert (found.id if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ug/m3", "µg/m³"),
        ("μg/m³", "µg/m³"),  # Greek mu
        ("µg/m³", "µg/m³"),  # micro sign
        ("㎍/㎥", "µg/m³"),
        ("ug/m^3", "µg/m³"),
        ("毫克/立方米", "mg/m³"),
        ("℃", "°C"),
        ("M/S", "m/s"),
        ("furlong", None),
    ],
)
def test_find_unit(text: str, expected: str | None) -> None:
    found = p.find_unit(text)
    assert (found.id if found else None) == expected


def test_unit_in_header() -> None:
    unit = p.unit_in("CO（mg/m³）")
    assert unit is not None
    assert unit.id == "mg/m³"
    assert p.unit_in("CO") is None


def test_no_name_or_unit_is_claimed_twice() -> None:
    aliases = [p._name_key(a) for row in p.PARAMETERS.values() for a in set(row.aliases)]
    assert sorted(aliases) == sorted(set(aliases))
    spellings = [p._unit_key(s) for u in p.UNITS.values() for s in {u.id, *u.spellings}]
    for spelling in spellings:
        owners = {
            u.id for u in p.UNITS.values() if spelling in map(p._unit_key, (u.id, *u.spellings))
        }
        assert len(owners) == 1, spelling


def test_every_unit_is_known_and_its_own() -> None:
    for row in p.PARAMETERS.values():
        assert p.find_unit(row.unit) == p.UNITS[row.unit]
        assert p.find_parameter(row.id) == row


@given(st.integers(0, 10_000_000))
def test_milligrams_become_the_exact_micrograms(thousandths: int) -> None:
    text = Decimal(thousandths) / 1000
    assert convert(float(text), "pm25", "mg/m3") == float(text * 1000)


@given(st.integers(0, 10_000_000))
def test_micrograms_become_the_exact_milligrams(tenths: int) -> None:
    text = Decimal(tenths) / 10
    assert convert(float(text), "co", "ug/m3") == float(text / 1000)


def test_molar_volume_at_25_degrees_and_one_atmosphere() -> None:
    assert p.molar_volume() == pytest.approx(24.465, abs=5e-4)


@pytest.mark.parametrize(
    ("value", "parameter", "unit", "expected"),
    [
        (100.0, "o3", "ppb", 196.2),
        (0.1, "o3", "ppm", 196.2),
        (100.0, "no2", "ppb", 188.0),
        (100.0, "so2", "ppb", 261.8),
        (10.0, "co", "ppm", 11.45),  # mg/m³
        (0.0, "co", "ppb", 0.0),
        (293.15, "temp", "K", 20.0),
        (101.325, "pres", "kPa", 1013.25),
        (36.0, "ws", "km/h", 10.0),
        (1.0, "vis", "km", 1.0),
        (1500.0, "vis", "m", 1.5),
    ],
)
def test_conversions(value: float, parameter: str, unit: str, expected: float) -> None:
    assert convert(value, parameter, unit) == pytest.approx(expected, rel=5e-4)


def test_missing_stays_missing() -> None:
    expr = p.to_standard_unit(pl.lit(None, dtype=pl.Float64), p.PARAMETERS["o3"], "ppb")
    assert pl.select(expr).item() is None


def test_ppb_of_particles_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match=r"PM2\.5 cannot be given in 'ppb'") as caught:
        convert(1.0, "pm25", "ppb")
    assert caught.value.code == "parameters.wrong_unit"


def test_unknown_unit_is_refused() -> None:
    with pytest.raises(
        InvalidArgumentError, match="'furlong' is not a unit known for CO"
    ) as caught:
        convert(1.0, "co", "furlong")
    assert caught.value.code == "parameters.unknown_unit"
