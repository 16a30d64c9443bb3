"""The rules of a served home: its catalogue, its working time, its matrix."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lantian.errors import DomainError
from lantian.home.layout import Home
from lantian.web.cases.doers import responsibility
from lantian.web.cases.rules import of_home
from lantian.web.duties.models import Rule
from tests.web.cases.world import World


def test_a_case_goes_by_the_matrix_and_catalogue_of_its_home(world: World, tmp_path: Path) -> None:
    home = Home.init(tmp_path / "home", name="天县")
    world.rules = of_home(home)
    case = world.until("opened", source=world.source)
    dispatcher = world.doer("dispatcher")
    with pytest.raises(DomainError) as caught:
        world.do("dispatch", case, dispatcher)
    assert caught.value.code == "duties.no_rule"
    assert case.state == "opened"
    Rule.objects.create(
        number="R-001", version=1, sector="construction", lead=world.units["lead"],
        reason="属地管理", valid_from=date(2020, 1, 1),
    )  # fmt: skip
    officer = world.doer("town_officer", "lead")
    world.do("dispatch", case, dispatcher)
    case.refresh_from_db()
    found = responsibility(case)
    assert found is not None
    assert (found.rule, found.lead.name) == ("R-001-v1", "丙镇人民政府")
    assert [h.user for h in found.lead.holders] == [officer.user.pk]
    world.do("accept", case, officer)
    assert (home.path / "rules" / "catalogues" / "sealed.json").exists()
