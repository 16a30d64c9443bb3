"""Who answers: rules and posts as they are stored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lantian.errors import DomainError
from lantian.i18n import activate
from lantian.web.accounts.actions import name_deputy
from lantian.web.accounts.models import User
from lantian.web.duties import actions, queries
from lantian.web.duties.resolving import resolve
from lantian.web.duties.responsibility import Responsibility
from tests.web.duties.conftest import BY, DAY, Office


def ask(office: Office, town: str = "丙镇", **more: object) -> Responsibility:
    given = {
        "territory": office.towns[town], "sector": "construction", "source_kind": "",
        "problem_type": "", "source": None, "on": DAY, **more,
    }  # fmt: skip
    return resolve(**given)  # type: ignore[arg-type]


def names(found: Responsibility) -> list[str]:
    return [h.name for h in found.lead.holders]


def test_the_town_goes_before_the_county(office: Office) -> None:
    housing, town = office.unit("县住建局"), office.unit("丙镇政府", "town")
    office.rule(housing, territory=office.county, sector="construction")
    office.rule(town, territory=office.towns["丙镇"])
    assert ask(office).lead.name == "丙镇政府"
    assert ask(office, "甲镇").lead.name == "县住建局"


def test_no_rule_says_what_to_do(office: Office) -> None:
    office.rule(office.unit("县住建局"), sector="construction")
    with pytest.raises(DomainError, match="Add one under Duties") as error:
        ask(office, sector="road")
    assert error.value.code == "duties.no_rule"
    assert error.value.data["sector"] == "road"


def test_an_overlap_names_both(office: Office) -> None:
    office.rule(office.unit("县住建局"), sector="construction")
    office.rule(office.unit("县城管局"), source_kind="construction_site")
    assert ask(office).lead.name == "县住建局"  # the kind is not known
    with pytest.raises(DomainError, match="R-002-v1") as error:
        ask(office, source_kind="construction_site")
    assert error.value.code == "duties.overlap"
    assert set(error.value.data["rules"]) == {"R-001-v1", "R-002-v1"}  # type: ignore[call-overload]
    pair = queries.examine(DAY).overlaps
    assert [(p.first.number, p.second.number) for p in pair] == [("R-001", "R-002")]


def test_posts_of_the_unit_for_place_and_sector(office: Office) -> None:
    housing = office.unit("县住建局")
    office.rule(housing, sector="construction")
    office.post("any", "department_officer", housing)
    office.post("sector", "department_officer", housing, sector="construction")
    office.post("other sector", "department_officer", housing, sector="road")
    office.post("here", "town_officer", housing, territory=office.towns["丙镇"])
    office.post("elsewhere", "town_officer", housing, territory=office.towns["甲镇"])
    office.post("over", "department_officer", housing, valid_to=DAY - timedelta(days=1))
    office.post("other unit", "department_officer", office.unit("县城管局"))
    gone = office.post("deactivated", "department_officer", housing)
    User.objects.filter(pk=gone.user_id).update(is_active=False)
    assert names(ask(office)) == ["here", "sector", "any"]


def test_deputies_count_and_inherit_unit_and_sector(office: Office) -> None:
    housing = office.unit("县住建局")
    office.rule(housing, sector="construction")
    own = office.post("own", "department_officer", housing, sector="construction")
    other = office.post("other", "inspector").user
    name_deputy(BY, own, other, DAY, DAY + timedelta(days=3))
    assert [(h.name, h.deputy) for h in ask(office).lead.holders] == [
        ("own", False), ("other", True),
    ]  # fmt: skip
    assert names(ask(office, on=DAY + timedelta(days=4))) == ["own"]
    assert "other (Inspector" not in " ".join(ask(office).because_en)
    assert "other (Department officer, standing in)" in " ".join(ask(office).because_en)


def test_the_leader_for_the_sector_and_the_nearest_grid(office: Office) -> None:
    office.rule(
        office.unit("县住建局"), sector="construction", leader_of=office.unit("县政府", "office"),
        grid="grid_member",
    )  # fmt: skip
    government = queries.organisations(queries.OrganisationFilter(text="县政府"), DAY).get()
    assert ask(office).leader is None
    assert "nobody holds the leader’s post of 县政府" in " ".join(ask(office).because_en)
    office.post("head", "leader", government)
    office.post("of construction", "leader", government, sector="construction")
    office.post("clerk", "department_officer", government, sector="construction")
    office.post("county", "grid_member", territory=office.county)
    office.post("town", "grid_member", territory=office.towns["丙镇"])
    found = ask(office)
    assert found.leader is not None
    assert found.leader.name == "of construction"
    assert found.grid is not None
    assert found.grid.name == "town"
    assert ask(office, "甲镇").grid.name == "county"  # type: ignore[union-attr]


def test_because_in_both_languages_whatever_is_spoken(office: Office) -> None:
    housing = office.unit("县住建局")
    office.rule(housing, territory=office.county, sector="construction", reason="县委〔2026〕1 号")
    office.rule(housing, sector="construction")
    office.post("经办岗", "department_officer", housing)
    found = ask(office)
    assert "It holds for 示范县（模拟）, to which 丙镇 belongs." in found.because_en
    assert "It goes before R-002-v1, which is for a wider territory." in found.because_en
    assert "规则依据：县委〔2026〕1 号" in found.because
    assert any("经办岗（部门经办）" in s for s in found.because)
    assert len(found.because) == len(found.because_en)
    assert found.why() == found.because_en
    activate("zh")
    assert found.why() == found.because == ask(office).because


def test_versions_hold_on_their_days(office: Office) -> None:
    housing, city = office.unit("县住建局"), office.unit("县城管局")
    first = office.rule(housing, sector="construction")
    later = DAY + timedelta(days=10)
    draft = actions.Draft(lead=city, reason="Order 2", sector="construction")
    actions.follow_rule(BY, first, draft, valid_from=later, today=DAY)
    assert ask(office).rule == "R-001-v1"
    assert ask(office, on=later - timedelta(days=1)).lead.name == "县住建局"
    assert ask(office, on=later).rule == "R-001-v2"
    assert ask(office, on=later).lead.name == "县城管局"


def test_vacant_units_are_found(office: Office) -> None:
    housing, government = office.unit("县住建局"), office.unit("县政府", "office")
    office.rule(housing, sector="construction", leader_of=government)
    office.post("clerk", "department_officer", government)
    found = queries.examine(DAY).vacancies
    assert [(v.unit.name, v.leader) for v in found] == [("县住建局", False), ("县政府", True)]
