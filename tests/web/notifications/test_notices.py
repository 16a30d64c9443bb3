"""Notices: told once, with what they speak of, read by whom they are for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.test import Client

from lantian import i18n
from lantian.network import Network
from lantian.web.accounts.models import User
from lantian.web.cases import actions
from lantian.web.notifications import registry
from lantian.web.notifications.actions import read, read_all, tell
from lantian.web.notifications.models import Notice
from tests.web.cases import world as worlds
from tests.web.cases.world import World

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
SAID = {"by": "甲", "text": "看一下"}


@pytest.fixture
def world(empty: Network, db: None) -> World:
    return worlds.make()


def told(kind: str) -> list[str]:
    rows = Notice.objects.filter(kind=kind).order_by("user__name")
    return list(rows.values_list("user__name", flat=True))


def test_told_once_and_only_who_is_there(person: Callable[..., User]) -> None:
    one, gone, by = person("dispatcher"), person("leader", is_active=False), person("expert")
    for _time in range(2):
        tell("cases.mentioned", [one, gone, by, one.pk], key="c1", now=NOW, data=SAID, but=by)
    assert told("cases.mentioned") == [one.name]
    tell("cases.mentioned", [one], key="c2", now=NOW, data=SAID)
    assert Notice.objects.count() == 2


def test_what_is_not_declared_or_not_whole_is_refused(person: Callable[..., User]) -> None:
    one = person("dispatcher")
    with pytest.raises(ImproperlyConfigured):
        tell("cases.whispered", [one], key="c1", now=NOW)
    with pytest.raises(KeyError):
        tell("cases.mentioned", [one], key="c1", now=NOW, data={"by": "甲"})


def test_it_lands_with_what_it_speaks_of_or_not_at_all(person: Callable[..., User]) -> None:
    one = person("dispatcher")
    with transaction.atomic():
        tell("cases.mentioned", [one], key="c1", now=NOW, data=SAID)
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_a_sentence_speaks_the_language_of_the_reader() -> None:
    data = {"case": "2026-0001", "title": "扬尘", "rung": {"zh": "督办", "en": "Supervision"}}
    said = registry.sentence("cases.rung_to_sign", data)
    assert "“Supervision”" in said
    i18n.activate("zh")
    assert "督办" in registry.sentence("cases.rung_to_sign", data)


def test_reading_is_ones_own(person: Callable[..., User]) -> None:
    one, other = person("dispatcher"), person("leader")
    tell("cases.mentioned", [one, other], key="c1", now=NOW, data=SAID)
    of_one = Notice.objects.get(user=one)
    assert read(other, of_one.pk, now=NOW) is None
    assert read(one, of_one.pk, now=NOW) is not None
    assert read_all(other, ["cases.given"], now=NOW) == 0
    assert read_all(other, None, now=NOW) == 1
    assert not Notice.objects.filter(read_at=None).exists()


# -- what the loop tells


def test_the_loop_tells_those_it_concerns(world: World) -> None:
    officer = world.doer("town_officer", "lead")
    dispatcher, leader = world.doer("dispatcher", n=1), world.doer("leader", n=1)
    world.doer("dispatcher", "lead")  # takes part: does not decide
    case = world.until("dispatched")
    world.do("return", case, officer)
    others = ["dispatcher·outside·1", "dispatcher·outside·9"]
    assert told("cases.to_arbitrate") == others
    world.do("uphold", case, dispatcher)
    world.do("return", case, officer)  # the second bounce goes up
    assert told("cases.to_arbitrate") == [*others, leader.user.name]
    late = world.until("rectifying")
    world.do("ask_extension", late, officer)
    assert told("cases.extension_asked") == others


def test_the_unit_is_told_what_it_was_given(world: World) -> None:
    officer = world.doer("town_officer", "lead")
    case = world.until("opened")
    given = world.rules.resolve()
    holder = {"post": officer.post.pk, "user": officer.user.pk, "name": officer.user.name}
    record = given.as_record()
    record["lead"]["holders"] = [{**holder, "role": "town_officer", "deputy": False}]
    world.rules = worlds.rules_of(type(given).from_record(record))
    world.do("dispatch", case, world.doer("dispatcher"))
    assert told("cases.given") == [officer.user.name]
    world.do("withdraw", case, world.doer("dispatcher"))
    assert told("cases.withdrawn") == [officer.user.name]


def test_those_mentioned_are_told(world: World) -> None:
    case, by, other = world.until("opened"), world.doer("expert"), world.doer("inspector")
    people = [other.user, by.user]
    actions.comment(case, by, now=world.now, text="看东门", mentions=people)
    notice = Notice.objects.get(kind="cases.mentioned")
    assert (notice.user, notice.case) == (other.user, case)


# -- the page


@pytest.fixture
def reader(empty: Network, sign_in: Callable[..., Client]) -> Client:
    client = sign_in("grid_member")
    user = User.objects.latest("pk")
    for n in range(40):
        tell("cases.mentioned", [user], key=f"c{n}", now=NOW, data={"by": "甲", "text": f"<{n}>"})
    return client


def test_the_page_lists_and_the_bar_counts(
    reader: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with django_assert_max_num_queries(8):
        page = reader.get("/notices/").content.decode()
    assert "<b>40</b>" in page
    assert "&lt;39&gt;" in page
    assert "Page 1 of 2" in page
    assert "Page 2 of 2" in reader.get("/notices/?page=2").content.decode()
    none = reader.get("/notices/", {"kind": "Asked of me"}).content.decode()
    assert "No notice fits these filters" in none


def test_marking_as_read(reader: Client, sign_in: Callable[..., Client]) -> None:
    one = Notice.objects.latest("pk")
    assert sign_in("inspector").post(f"/notices/{one.pk}/open/").status_code == 404
    reader.post(f"/notices/{one.pk}/open/", {"stay": "1"})
    page = reader.get("/notices/", {"show": "unread"}).content.decode()
    assert "<b>39</b>" in page
    page = reader.post("/notices/read/", follow=True).content.decode()
    assert "39 notices are marked as read." in page
    assert "<b>" not in page.split("</header>")[0]
    assert reader.get("/notices/read/").status_code == 405
