"""The pages of duties: what they show and what their forms do."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lantian.network import Network
from lantian.web.accounts import demo as accounts
from lantian.web.core import clock
from lantian.web.duties import demo, queries, rota
from lantian.web.duties.models import Organisation, Rule, Shift
from lantian.web.places.models import Territory
from tests.web.duties.conftest import DAY, Office

PAGES = {
    "/duties/": 14,
    "/duties/?format=xlsx": 10,
    "/duties/who/?territory={t}&sector=burning&source_kind=&problem_type=": 16,
    "/duties/gaps/": 12,
    "/duties/rules/R-002/": 18,
    "/duties/organisations/": 12,
    "/duties/organisations/O-004/": 16,
    "/duties/rules/new/": 14,
    "/duties/handover/": 10,
}


@pytest.fixture
def whole(towns: dict[str, Territory]) -> dict[str, Territory]:
    """Return the towns of a county that has the whole demo."""
    accounts.create()
    demo.create()
    return towns


def test_the_demo_has_neither_gap_nor_overlap_nor_vacancy(whole: dict[str, Territory]) -> None:
    found = queries.examine(DAY)
    assert (found.rules, found.missing, len(found.overlaps)) == (69, 0, 0)
    assert found.vacancies == []
    assert found.combinations == len(whole) * 12 * 13
    demo.create()  # again: nothing more
    assert Rule.objects.count() == 69


def test_the_demo_has_a_rota_without_gaps(whole: dict[str, Territory]) -> None:
    demo.fill_rota()
    entered = Shift.objects.count()
    for weeks in (-1, 0, 1):
        week = rota.week_of(clock.today() + timedelta(weeks=weeks))
        assert not week.gaps
        assert not week.twice
    rows = list(Shift.objects.filter(kind__in=("day", "night")).order_by("user", "starts"))
    for one, other in itertools.pairwise(rows):  # nobody goes on from a night to a day
        assert one.user_id != other.user_id or other.starts - one.ends >= timedelta(hours=12)
    demo.fill_rota()
    assert Shift.objects.count() == entered == 21 * 4


def test_pages_keep_their_query_budgets(
    whole: dict[str, Territory],
    sign_in: Callable[..., Client],
    django_assert_max_num_queries: Any,
) -> None:
    client = sign_in("administrator")
    for page, most in PAGES.items():
        with django_assert_max_num_queries(most):
            answer = client.get(page.format(t=whole["丙镇"].pk))
        assert answer.status_code == 200, page


def test_empty_pages_say_what_to_do(empty: Network, sign_in: Callable[..., Client]) -> None:
    client = sign_in("department_officer")
    assert "There is no rule yet" in client.get("/duties/").content.decode()
    assert "There is no territory yet" in client.get("/duties/gaps/").content.decode()
    assert "No organisation here" in client.get("/duties/organisations/").content.decode()
    assert client.get("/duties/rules/R-001/").status_code == 404
    assert client.get("/duties/organisations/O-001/").status_code == 404


def test_who_answers_says_why(whole: dict[str, Territory], sign_in: Callable[..., Client]) -> None:
    client = sign_in("leader", lang="zh")
    asked = {"territory": whole["丙镇"].pk, "sector": "burning"}
    text = client.get("/duties/who/", asked).content.decode()
    assert "丙镇人民政府" in text
    assert "它优先于 R-007-v1，后者的辖区更大。" in text
    Rule.objects.update(ended_on=DAY)
    answer = client.get("/duties/who/", asked)
    assert answer.status_code == 200
    assert "责任矩阵没有适用于丙镇" in answer.content.decode()


def test_filters_of_the_matrix(whole: dict[str, Territory], sign_in: Callable[..., Client]) -> None:
    client = sign_in("inspector")
    town = whole["丙镇"].pk
    text = client.get("/duties/", {"territory": town, "sector": "coal"}).content.decode()
    assert "1 rule<" in text
    assert "New rule" not in text  # who only looks is not offered to change
    unit = Organisation.objects.get(name="丙镇人民政府")
    assert "5 rules<" in client.get("/duties/", {"unit": unit.pk}).content.decode()
    assert "No rule fits" in client.get("/duties/", {"q": "nothing"}).content.decode()


def test_a_rule_is_made_followed_and_ended(office: Office, sign_in: Callable[..., Client]) -> None:
    client = sign_in("dispatcher")
    unit, other = office.unit("A"), office.unit("B")
    form = {
        "territory": office.towns["丙镇"].pk, "sector": "road", "lead": unit.pk,
        "supporting": [other.pk], "reason": "Order 1", "valid_from": "2026-11-23",
    }  # fmt: skip
    answer = client.post("/duties/rules/new/", form)
    assert answer.headers["Location"] == "/duties/rules/R-001/"
    again = client.post("/duties/rules/new/", form)
    assert "R-001-v1 holds for the same territory" in again.content.decode()
    follow = {**form, "lead": other.pk, "supporting": [], "valid_from": "2026-12-01"}
    assert client.post("/duties/rules/R-001/follow/", follow).status_code == 302
    page = client.get("/duties/rules/R-001/").content.decode()
    assert "2026-11-23 to 2026-11-30" in page
    assert "since 2026-12-01" in page
    early = client.post("/duties/rules/R-001/end/", {"last_day": "2026-11-24"})
    assert early.status_code == 400
    assert client.post("/duties/rules/R-001/end/", {"last_day": "2026-12-31"}).status_code == 302
    assert "The rule is ended" in client.get("/duties/rules/R-001/").content.decode()


def test_an_organisation_is_entered_changed_and_ended(
    office: Office, sign_in: Callable[..., Client]
) -> None:
    client = sign_in("dispatcher")
    form = {"name": "县住建局", "kind": "department", "valid_from": "2026-11-01"}
    assert client.post("/duties/organisations/new/", form).status_code == 302
    wrong = client.post("/duties/organisations/new/", {**form, "name": "B", "credit_code": "1"})
    assert "no unified social credit code" in wrong.content.decode()
    page = "/duties/organisations/O-001/"
    assert client.post(page + "change/", {**form, "sector": "road"}).status_code == 302
    assert Organisation.objects.get().sector == "road"
    early = client.post(page + "end/", {"last_day": "2026-10-01"})
    assert "it cannot end before" in early.content.decode()
    assert client.post(page + "end/", {"last_day": "2026-11-23"}).status_code == 302
    assert client.get(page).status_code == 200
