"""Task forces: scope, figures that lead to what they count, who may do what, what is shown."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.test import Client

from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor
from lantian.web.audit.models import Event
from lantian.web.cases.models import Case
from lantian.web.cases.reach import Reach, reach_of
from lantian.web.core import clock
from lantian.web.taskforces import actions, queries
from lantian.web.taskforces.actions import Facts
from lantian.web.taskforces.models import TaskForce
from lantian.web.taskforces.scope import condition
from tests.web.cases.test_counts_lead import counts, follow, text_of
from tests.web.cases.world import World
from tests.web.cases.world import make as make_world

SignIn = Callable[..., Client]
BY = Actor("tests", may=None)
STARTS = date(2026, 11, 1)


@pytest.fixture
def world(db: None, served: Network) -> World:
    assert served
    return make_world()


def made(**others: Any) -> TaskForce:
    return actions.make(BY, Facts(**{"name": "扬尘专班", "starts": STARTS, **others}))


@pytest.fixture
def force(world: World, monkeypatch: pytest.MonkeyPatch) -> TaskForce:
    """Return a task force for 丙镇 with cases in every state, seen an hour after the last deed."""
    for state in ("verifying", "opened", "returned", "rectifying", "reinspecting", "closed"):
        world.until(state, territory=world.town)
        world.until(state, territory=world.elsewhere)
    failed = world.until("reinspecting", territory=world.town)
    world.do("fail", failed, world.doer("inspector", n=5))
    late = (world.now + timedelta(hours=1)).astimezone()
    monkeypatch.setattr(clock, "now", lambda: late)
    monkeypatch.setattr(clock, "today", late.date)
    return made(territories=(world.town,))


def test_the_scope_is_what_fits_all_of_it(world: World) -> None:
    here = world.until("opened", territory=world.town, source=world.source)
    bare = world.until("opened", territory=world.town)
    there = world.until("opened", territory=world.elsewhere)

    def found(**facts: Any) -> set[int]:
        one = made(name=f"{TaskForce.objects.count()}", **facts)
        return set(Case.objects.filter(condition(one)).values_list("pk", flat=True))

    assert found() == {here.pk, bare.pk, there.pk}
    assert found(territories=(world.town,)) == {here.pk, bare.pk}
    assert found(territories=(world.county,)) == {here.pk, bare.pk, there.pk}
    assert found(kinds=("construction_site",)) == {here.pk}
    assert found(problems=("site_uncovered",), territories=(world.elsewhere,)) == {there.pk}
    assert found(problems=("straw_burning",)) == set()
    assert found(ends=STARTS) == set(), "taken in after its last day"


def test_what_ended_before_its_first_day_is_not_in_it(world: World) -> None:
    done, open_ = world.until("closed"), world.until("opened")
    after = made(starts=world.now.date() + timedelta(days=3))
    assert set(Case.objects.filter(condition(after))) == {open_}
    assert done in Case.objects.filter(condition(made(name="全部")))


def test_every_count_leads_to_what_it_counts(force: TaskForce, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    path = f"/taskforces/{force.pk}/"
    shown = follow(client, path)
    for part in ("deed=return", "deed=fail", "late=0", "open=1", "since=2026-11-", "deed_since="):
        assert any(part in address for address in shown), part
    assert all(f"force={force.pk}" in address for address in shown)
    assert follow(client, "/taskforces/")


def test_figures_by_hand(force: TaskForce, world: World) -> None:
    everything = Reach(None, "*")
    now = clock.now()
    cases = queries.cases_of(force, everything, now)
    figures = {f.title: f.value for f in queries.figures_of(force, cases, now)}
    assert figures["Cases taken in"] == 7  # six states, and the one that failed
    assert (figures["Closed"], figures["Closed in time"]) == (1, 1)
    assert figures["Failed re-inspection"] == 1
    assert figures["Sent back by the unit"] == 1
    assert figures["Look-back failed"] == 0
    assert figures["Median time to close"] == 6.0  # six deeds, an hour each
    weeks = queries.weeks_of(force, cases, now)
    assert (sum(w.new for w in weeks), sum(w.closed for w in weeks)) == (7, 1)
    assert all(w.monday.weekday() == 0 for w in weeks)


def test_nobody_sees_more_by_it(
    force: TaskForce, world: World, sign_in: SignIn, person: Callable[..., User]
) -> None:
    theirs = person("town_officer", world.elsewhere)
    actions.put(BY, force, theirs, "看料堆", leads=False, today=clock.today())
    mine = reach_of(list(Appointment.objects.filter(user=theirs)))
    assert queries.cases_of(force, mine, clock.now()).count() == 0
    assert queries.hidden(force, mine) == 7
    page = text_of(sign_in("town_officer", world.elsewhere).get(f"/taskforces/{force.pk}/"))
    assert "7 cases of the scope are not shown to you" in page
    assert not counts(page)
    for case in Case.objects.filter(condition(force)):
        assert case.code not in page
    assert "not shown to you" not in text_of(sign_in("leader").get(f"/taskforces/{force.pk}/"))


def test_members(force: TaskForce, person: Callable[..., User]) -> None:
    day = clock.today()
    first, second = person("inspector"), person("expert")
    actions.put(BY, force, first, "巡查", leads=True, today=day)
    actions.put(BY, force, second, "溯源", leads=True, today=day)
    assert [(m.user, m.leads) for m in force.members.all()] == [(second, True), (first, False)]
    assert [m.force for m in queries.mine(second.pk, day)] == [force]
    with pytest.raises(DomainError) as caught:
        actions.put(BY, force, person("enterprise_officer"), "", leads=False, today=day)
    assert caught.value.code == "taskforces.cannot_see"
    actions.remove(BY, force.members.get(user=first))
    actions.end(BY, force, day - timedelta(days=1))
    assert queries.mine(second.pk, day) == []
    with pytest.raises(DomainError) as caught:
        actions.put(BY, force, first, "", leads=False, today=day)
    assert caught.value.code == "taskforces.over"
    told = Event.objects.filter(action__startswith="taskforces.").values_list("action", flat=True)
    assert list(told.order_by("id")) == [
        "taskforces.made", "taskforces.member_put", "taskforces.member_put",
        "taskforces.member_removed", "taskforces.ended",
    ]  # fmt: skip


def test_refused(world: World) -> None:
    force = made()
    for code, facts in (
        ("no_name", {"name": "  "}), ("name_taken", {}), ("bad_period", {"name": "x", "ends":
         STARTS - timedelta(days=1)}),
    ):  # fmt: skip
        with pytest.raises(DomainError) as caught:
            made(**facts)
        assert caught.value.code == f"taskforces.{code}"
    with pytest.raises(PermissionDenied):
        actions.end(Actor("x", may=frozenset({"taskforces.see"})), force, STARTS)
    assert not actions.change(BY, force, Facts("扬尘专班", STARTS))
    assert actions.change(BY, force, Facts("扬尘专班", STARTS, purpose="压降"))


def test_made_changed_and_ended_on_the_pages(world: World, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    given = {"name": "焚烧专班", "starts": "2026-11-01", "territories": [world.town.pk],
             "problems": ["site_uncovered"]}  # fmt: skip
    answer = client.post("/taskforces/new/", given)
    force = TaskForce.objects.get()
    assert answer["Location"] == f"/taskforces/{force.pk}/"
    assert list(force.territories.all()) == [world.town]
    form = text_of(client.get(f"/taskforces/{force.pk}/change/"))
    assert re.search(rf'value="{world.town.pk}" checked', form)
    bad = client.post(f"/taskforces/{force.pk}/change/", {**given, "ends": "2026-10-01"})
    assert bad.status_code == 400
    assert "lies before the first" in bad.content.decode()
    leader = get_user_model().objects.get(name=make_leader(sign_in))
    client.post(f"/taskforces/{force.pk}/members/", {"user": leader.pk, "leads": "on"})
    assert force.members.get().leads
    client.post(f"/taskforces/{force.pk}/members/{leader.pk}/remove/")
    assert not force.members.exists()
    client.post(f"/taskforces/{force.pk}/end/", {"last_day": "2026-11-05"})
    force.refresh_from_db()
    assert force.ends == date(2026, 11, 5)
    assert "焚烧专班" in text_of(client.get("/taskforces/"))


def make_leader(sign_in: SignIn) -> str:
    sign_in("leader")
    return str(User.objects.filter(name__startswith="leader-").latest("pk").name)


def test_files_and_queries(
    force: TaskForce, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = sign_in("leader")
    book = client.get(f"/taskforces/{force.pk}/?format=xlsx")
    rows = pl.read_excel(io.BytesIO(book.content))
    assert rows.filter(pl.col("name") == "Cases taken in")["value"].to_list() == [7]
    assert "扬尘专班" in client.get("/taskforces/?format=csv").content.decode("utf-8-sig")
    client.get(f"/taskforces/{force.pk}/")
    with django_assert_max_num_queries(50):
        client.get(f"/taskforces/{force.pk}/")
    with django_assert_max_num_queries(20):
        client.get("/taskforces/")


def test_its_people_find_it_under_their_work(force: TaskForce, sign_in: SignIn) -> None:
    client = sign_in("inspector")
    assert "扬尘专班" not in text_of(client.get("/cases/mine/"))
    somebody = User.objects.filter(name__startswith="inspector-").latest("pk")
    actions.put(BY, force, somebody, "夜查", leads=True, today=clock.today())
    page = text_of(client.get("/cases/mine/"))
    assert f'href="/taskforces/{force.pk}/"' in page
    assert "夜查" in page


def test_a_task_force_that_is_not_there(world: World, sign_in: SignIn) -> None:
    client = sign_in("dispatcher")
    assert client.get("/taskforces/99/").status_code == 404
    assert '<span class="meta">0 cases' in text_of(client.get("/cases/ledger/?force=99"))
    assert isinstance(world.now, datetime)
