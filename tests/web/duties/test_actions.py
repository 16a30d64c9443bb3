"""What may happen to organisations and rules, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from lantian.errors import DomainError
from lantian.web.audit.actors import Actor
from lantian.web.duties import actions
from lantian.web.duties.actions.rules import draft_of
from lantian.web.duties.models import Organisation, Rule
from tests.web.duties.conftest import BY, DAY, Office

CREDIT = "91350100M000100Y43"  # the example of GB 32100-2015


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as error:
        action()
    return error.value.code


def test_codes_are_never_given_twice(office: Office, events: Callable[[], list[str]]) -> None:
    first = office.unit("县住建局", credit_code=CREDIT.lower())
    actions.end_organisation(BY, first, DAY)
    second = office.unit("县住建局", credit_code=CREDIT)  # a new one of the same name
    assert (first.code, second.code) == ("O-001", "O-002")
    assert second.credit_code == CREDIT
    assert events() == [
        "duties.organisation_made", "duties.organisation_ended", "duties.organisation_made",
    ]  # fmt: skip


def test_what_is_no_organisation(office: Office) -> None:
    a = office.unit("A", credit_code=CREDIT)
    b = office.unit("B", parent=a)
    assert code_of(lambda: office.unit(" ")) == "duties.no_name"
    assert code_of(lambda: office.unit("A")) == "duties.name_taken"
    assert code_of(lambda: office.unit("C", kind="club")) == "duties.unknown_kind"
    assert code_of(lambda: office.unit("C", sector="space")) == "duties.unknown_sector"
    assert code_of(lambda: office.unit("C", credit_code=CREDIT)) == "duties.credit_code_taken"
    wrong = CREDIT[:-1] + "4"
    assert code_of(lambda: office.unit("C", credit_code=wrong)) == "sources.bad_credit_code"
    facts = actions.Facts("A", "department", parent=b)
    assert code_of(lambda: actions.change_organisation(BY, a, facts)) == "duties.own_parent"


def test_a_change_is_logged_and_no_change_is_none(
    office: Office, events: Callable[[], list[str]]
) -> None:
    unit = office.unit("A")
    facts = actions.Facts("A", "department")
    assert not actions.change_organisation(BY, unit, facts)
    assert actions.change_organisation(BY, unit, replace(facts, sector="road"))
    assert events()[1:] == ["duties.organisation_changed"]


def test_an_organisation_in_use_does_not_end(office: Office) -> None:
    unit = office.unit("A")
    rule = office.rule(unit)
    end = lambda: actions.end_organisation(BY, unit, DAY)  # noqa: E731
    assert code_of(end) == "duties.organisation_in_use"
    actions.end_rule(BY, rule, ended_on=DAY + timedelta(days=1), today=DAY)
    post = office.post("somebody", "department_officer", unit)
    assert code_of(end) == "duties.organisation_in_use"
    post.delete()
    end()
    assert Organisation.objects.get().valid_to == DAY


def test_rules_have_versions_and_stay(office: Office, events: Callable[[], list[str]]) -> None:
    unit, other = office.unit("A"), office.unit("B")
    first = office.rule(unit, sector="road", supporting=(other,))
    same = actions.follow_rule(BY, first, draft_of(first), valid_from=DAY, today=DAY)
    assert same.pk == first.pk
    draft = actions.Draft(lead=other, reason="Order 2", sector="road")
    second = actions.follow_rule(BY, first, draft, valid_from=DAY, today=DAY)  # the same day
    assert str(second) == "R-001-v2"
    first.refresh_from_db()
    assert first.ended_on == DAY == first.valid_from  # never held
    assert [h.organisation for h in first.helpers.all()] == [other]
    again = lambda: actions.follow_rule(BY, first, draft, valid_from=DAY, today=DAY)  # noqa: E731
    assert code_of(again) == "duties.rule_ended"
    actions.end_rule(BY, second, ended_on=DAY + timedelta(days=5), today=DAY)
    assert code_of(
        lambda: actions.end_rule(BY, second, ended_on=DAY + timedelta(days=6), today=DAY)
    ) == "duties.rule_ended"  # fmt: skip
    assert office.rule(unit, sector="coal").number == "R-002"
    assert events()[2:] == [
        "duties.rule_made", "duties.rule_followed", "duties.rule_ended", "duties.rule_made",
    ]  # fmt: skip


def test_what_is_no_rule(office: Office) -> None:
    unit, ended = office.unit("A"), office.unit("B")
    actions.end_organisation(BY, ended, DAY)
    ended.refresh_from_db()
    office.rule(unit, sector="road")
    past = DAY - timedelta(days=1)
    assert code_of(lambda: office.rule(unit, sector="road")) == "duties.rule_exists"
    assert code_of(lambda: office.rule(unit, day=past)) == "duties.past_day"
    assert code_of(lambda: office.rule(unit, reason=" ")) == "duties.no_reason"
    assert code_of(lambda: office.rule(unit, sector="space")) == "duties.unknown_condition"
    assert code_of(lambda: office.rule(unit, problem_type="ufo")) == "duties.unknown_condition"
    assert code_of(lambda: office.rule(unit, grid="leader")) == "duties.unknown_condition"
    assert code_of(lambda: office.rule(ended)) == "duties.unit_not_there"
    assert code_of(lambda: office.rule(unit, supporting=(unit,))) == "duties.unit_twice"
    assert Rule.objects.count() == 1


def test_nobody_without_the_right(office: Office) -> None:
    unit = office.unit("A")
    stranger = Actor("stranger", may=frozenset({"duties.see"}))
    draft = actions.Draft(lead=unit, reason="x")
    with pytest.raises(PermissionDenied):
        actions.make_rule(stranger, draft, valid_from=DAY, today=DAY)
    with pytest.raises(PermissionDenied):
        actions.end_organisation(stranger, unit, DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sector": "space"}, {"grid": "leader"}, {"reason": ""}, {"version": 0},
        {"ended_on": date(2019, 1, 1)},
    ],
)  # fmt: skip
def test_the_database_keeps_it_too(office: Office, wrong: dict[str, object]) -> None:
    given = {
        "number": "R-009", "version": 1, "lead": office.unit("A"), "reason": "x",
        "valid_from": DAY, **wrong,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Rule.objects.create(**given)
