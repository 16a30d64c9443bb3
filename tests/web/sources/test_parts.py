"""The parts a source is read with: credit codes, hours, stacks, attributes, words."""

from __future__ import annotations

import string

import pytest

from lantian import i18n
from lantian.errors import DomainError
from lantian.web.duties.sectors import SECTORS
from lantian.web.sources import values
from lantian.web.sources.credit_code import check_character, credit_code
from lantian.web.sources.exporting import fields_of, shown
from lantian.web.sources.hours import working_hours
from lantian.web.sources.kinds import GRADES, KINDS, Attribute, Word
from lantian.web.sources.models import Status
from lantian.web.sources.words import (
    columns_of,
    find_grade,
    find_kind,
    find_sector,
    find_status,
    header,
    key,
    status_word,
)

STANDARD = "91350100M000100Y43"  # the example of GB 32100-2015


def test_the_example_of_the_standard_is_taken() -> None:
    assert credit_code(f" {STANDARD[:9].lower()}-{STANDARD[9:]} ") == STANDARD


@pytest.mark.parametrize("place", range(18))
def test_every_slip_of_one_character_is_found(place: int) -> None:
    for sign in string.digits + string.ascii_uppercase:
        if sign != STANDARD[place]:
            with pytest.raises(DomainError) as told:
                credit_code(STANDARD[:place] + sign + STANDARD[place + 1 :])
            assert told.value.code == "sources.bad_credit_code"


def test_the_check_character_of_a_sum_without_rest_is_0() -> None:
    assert check_character("0" * 17) == "0"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("24h", "00:00-24:00"), ("全天", "00:00-24:00"), ("8:00-18:00", "08:00-18:00"),
        ("1-6 08:00-12:00、14:00—18:00；7 8:00~12:00",
         "1-6 08:00-12:00,14:00-18:00; 7 08:00-12:00"),
        ("1-7 20:00-06:00", "1-7 20:00-06:00"),
    ],
)  # fmt: skip
def test_working_hours_are_written_one_way(given: str, kept: str) -> None:
    assert working_hours(given) == kept
    assert working_hours(kept) == kept


@pytest.mark.parametrize("given", ["白天", "08:00", "25:00-26:00", "8-1 08:00-09:00",
                                   "6-1 08:00-09:00", "08:00-08:00", "08:60-09:00"])  # fmt: skip
def test_what_are_no_hours_is_said(given: str) -> None:
    with pytest.raises(DomainError, match="working hours"):
        working_hours(given)


def test_stacks_are_read_with_their_metres() -> None:
    assert values.stacks("DA001/45/1.2; DA002／30／0.8\n") == [
        {"name": "DA001", "height": 45.0, "diameter": 1.2},
        {"name": "DA002", "height": 30.0, "diameter": 0.8},
    ]


@pytest.mark.parametrize("given", ["DA001", "DA001/45", "/45/1", "DA001/0/1", "DA001/45/x",
                                   "DA001/501/1", "DA001/45/1/2", "DA001/nan/1"])  # fmt: skip
def test_what_is_no_stack_is_said(given: str) -> None:
    with pytest.raises(DomainError) as told:
        values.stacks(given)
    assert told.value.code == "sources.bad_stack"


@pytest.mark.parametrize(
    ("kind", "code", "given", "value"),
    [
        ("construction_site", "area", "12,000.5", 12000.5),
        ("construction_site", "stage", "土石方", "earthwork"),
        ("construction_site", "enclosed", "√", True),
        ("construction_site", "start", "2026年3月1日", "2026-03-01"),
        ("road", "sweeping", "3", 3),
        ("enterprise", "treatment", "脱硫、除尘", ["dust", "desulphurisation"]),
        ("enterprise", "industry_code", "3031", "3031"),
    ],
)
def test_attributes_are_read_by_their_type(
    kind: str, code: str, given: str, value: object
) -> None:  # fmt: skip
    attribute = KINDS[kind].attribute(code)
    assert attribute is not None
    assert values.attribute_value(attribute, given) == value


@pytest.mark.parametrize(
    ("kind", "code", "given", "told"),
    [
        ("construction_site", "area", "0", "sources.out_of_range"),
        ("construction_site", "area", "1e9", "sources.out_of_range"),
        ("construction_site", "area", "大", "sources.not_a_number"),
        ("construction_site", "area", "inf", "sources.not_a_number"),
        ("construction_site", "stage", "装卸", "sources.no_choice"),
        ("construction_site", "enclosed", "部分", "sources.not_yes_or_no"),
        ("construction_site", "start", "2026-02-30", "sources.not_a_day"),
        ("road", "sweeping", "2.5", "sources.not_a_number"),
        ("enterprise", "industry_code", "砖", "sources.bad_form"),
        ("enterprise", "main_products", "砖" * 201, "sources.too_long"),
    ],
)
def test_what_is_no_value_is_said(kind: str, code: str, given: str, told: str) -> None:
    attribute = KINDS[kind].attribute(code)
    assert attribute is not None
    with pytest.raises(DomainError) as error:
        values.attribute_value(attribute, given)
    assert error.value.code == told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_header_and_word_of_a_file_is_read_back(language: i18n.Language) -> None:
    i18n.activate(language)
    for kind in KINDS.values():
        known = columns_of(kind)
        headers = [header(f, kind) for f in fields_of(kind, people=True)]
        assert len(set(map(key, headers))) == len(headers), kind.code
        assert [known.get(key(h)) for h in headers] == fields_of(kind, people=True)
        assert find_kind(kind.title) == kind
    assert [find_status(status_word(s)) for s in Status] == list(Status)
    assert [find_grade(w.title) for w in GRADES.values()] == list(GRADES)
    assert [find_sector(s.title) for s in SECTORS.values()] == list(SECTORS)


def test_the_kinds_hold_together() -> None:
    for kind in KINDS.values():
        assert kind.sector in SECTORS, kind.code
        assert len(kind.sign_zh) == len(kind.sign_en) == 1
        for attribute in kind.attributes:
            assert bool(attribute.choices) == (attribute.type in ("choice", "choices")), attribute
            assert attribute.type in ("text", "integer", "number", "yes_no", "choice", "choices",
                                      "date")  # fmt: skip
    for sign in ("sign_zh", "sign_en"):
        assert len({getattr(k, sign) for k in KINDS.values()}) == len(KINDS)


def test_values_are_shown_in_words() -> None:
    both = Attribute(
        "a", "甲", "A", "choices", choices=(Word("x", "一", "one"), Word("y", "二", "two"))
    )
    assert shown(both, ["x", "y"]) == "one, two"
    assert shown(Attribute("a", "甲", "A", "number"), 12000.5) == "12,000.5"
    assert shown(Attribute("a", "甲", "A", "yes_no"), False) == "no"
