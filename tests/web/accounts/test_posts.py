"""Posts and deputies: what a person may do follows from them, by the day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.web.accounts import actions
from lantian.web.accounts.access import access_of
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor
from lantian.web.places.models import Territory
from tests.web.accounts.conftest import TODAY, events

DAY = timedelta(days=1)


@pytest.fixture
def member(by: Actor) -> User:
    """Return somebody without a post."""
    return actions.make_person(by, name="网格员丙-01", organisation="丙镇政府")


@pytest.fixture
def other(by: Actor) -> User:
    """Return somebody else of the same place without a post."""
    return actions.make_person(by, name="网格员丙-02", organisation="丙镇政府")


def own(user: User) -> Actor:
    return Actor(user.name, user.pk)


def roles(user: User, day: date = TODAY) -> set[str]:
    return {r.id for r in access_of(user, day).roles}


def code_of(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def test_a_post_gives_rights_on_its_days_only(
    by: Actor, member: User, towns: dict[str, Territory]
) -> None:
    actions.give_post(
        by, member, "grid_member", towns["丙镇"], valid_from=TODAY, valid_to=TODAY + DAY
    )
    assert [roles(member, TODAY + n * DAY) for n in (-1, 0, 1, 2)] == [
        set(), {"grid_member"}, {"grid_member"}, set(),
    ]  # fmt: skip
    seen = access_of(member, TODAY).stations
    assert seen
    assert access_of(member, TODAY + 2 * DAY).stations == frozenset()


@pytest.mark.parametrize(
    ("role", "territory", "days", "code"),
    [
        ("nonsense", False, (0, None), "accounts.unknown_role"),
        ("dispatcher", True, (0, None), "accounts.no_territory_here"),
        ("expert", False, (0, -1), "accounts.reversed_days"),
        ("inspector", False, (0, None), "accounts.post_held"),
        ("inspector", False, (-9, 0), "accounts.post_held"),
    ],
)
def test_what_post_cannot_be_given(
    by: Actor, member: User, towns: dict[str, Territory], *,
    role: str, territory: bool, days: tuple[int, int | None], code: str,
) -> None:  # fmt: skip
    actions.give_post(by, member, "inspector", valid_from=TODAY)
    first, last = days
    with pytest.raises((InvalidArgumentError, UnknownNameError)) as caught:
        actions.give_post(
            by, member, role, towns["丙镇"] if territory else None,
            valid_from=TODAY + first * DAY, valid_to=None if last is None else TODAY + last * DAY,
        )  # fmt: skip
    assert code_of(caught) == code


def test_one_role_in_two_territories(by: Actor, member: User, towns: dict[str, Territory]) -> None:
    for town in ("丙镇", "甲镇"):
        actions.give_post(by, member, "grid_member", towns[town], valid_from=TODAY)
    assert set(access_of(member, TODAY).territories) == {"丙镇", "甲镇"}


def test_ending_at_once_and_by_a_day(by: Actor, member: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY - 5 * DAY)
    with pytest.raises(InvalidArgumentError):
        actions.end_post(by, post, TODAY - DAY)
    actions.end_post(by, post, TODAY + DAY)
    assert roles(member, TODAY + DAY) == {"expert"}
    assert roles(member, TODAY + 2 * DAY) == set()
    actions.end_post(by, post)
    assert roles(member) == set()
    assert Appointment.objects.get(pk=post.pk).valid_to == TODAY - DAY
    assert events("accounts.post_ended") == ["accounts.post_ended"] * 2


def test_a_post_of_today_that_ends_at_once_never_was(by: Actor, member: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    actions.end_post(by, post)
    assert not Appointment.objects.filter(pk=post.pk).exists()
    assert events("accounts.post_given", "accounts.post_ended") == [
        "accounts.post_given", "accounts.post_ended",
    ]  # fmt: skip


def test_a_deputy_has_the_rights_beside_the_holder_and_they_end(
    by: Actor, member: User, other: User, towns: dict[str, Territory]
) -> None:
    post = actions.give_post(by, member, "grid_member", towns["丙镇"], valid_from=TODAY)
    actions.name_deputy(own(member), post, other, TODAY + DAY, TODAY + 3 * DAY)
    days = [TODAY + n * DAY for n in range(5)]
    assert [bool(roles(other, d)) for d in days] == [False, True, True, True, False]
    assert all(roles(member, d) for d in days)
    day = TODAY + DAY
    assert access_of(other, day).stations == access_of(member, day).stations != frozenset()


def test_the_deputys_rights_end_with_the_post(by: Actor, member: User, other: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY - DAY)
    actions.name_deputy(by, post, other, TODAY, TODAY + 9 * DAY)
    actions.end_post(by, post)
    assert roles(other) == set()
    assert roles(other, TODAY + DAY) == set()


def test_a_shortened_post_shortens_its_deputies(by: Actor, member: User, other: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY - DAY)
    near = actions.name_deputy(by, post, other, TODAY, TODAY + 4 * DAY)
    far = actions.name_deputy(by, post, other, TODAY + 6 * DAY, TODAY + 9 * DAY)
    actions.end_post(by, post, TODAY + 2 * DAY)
    near.refresh_from_db()
    assert near.valid_to == TODAY + 2 * DAY
    assert not Appointment.objects.filter(pk=far.pk).exists()


def test_even_a_row_left_behind_gives_no_rights(by: Actor, member: User, other: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY - 9 * DAY)
    actions.name_deputy(by, post, other, TODAY, TODAY + 9 * DAY)
    Appointment.objects.filter(pk=post.pk).update(valid_to=TODAY - DAY)
    assert roles(other) == set()


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (-1, 2, "accounts.reversed_days"),
        (2, 1, "accounts.reversed_days"),
        (0, 92, "accounts.too_long"),
        (0, 31, "accounts.not_deputisable"),
    ],
    ids=["from yesterday", "reversed", "too long", "longer than the post"],
)
def test_days_of_a_deputy(
    by: Actor, member: User, other: User, *, first: int, last: int, code: str
) -> None:
    end = None if code == "accounts.too_long" else TODAY + 30 * DAY
    post = actions.give_post(by, member, "expert", valid_from=TODAY, valid_to=end)
    with pytest.raises(InvalidArgumentError) as caught:
        actions.name_deputy(own(member), post, other, TODAY + first * DAY, TODAY + last * DAY)
    assert code_of(caught) == code


def test_a_deputy_cannot_pass_it_on(by: Actor, member: User, other: User, admin: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    stand_in = actions.name_deputy(own(member), post, other, TODAY, TODAY)
    with pytest.raises(InvalidArgumentError) as caught:
        actions.name_deputy(own(other), stand_in, admin, TODAY, TODAY)
    assert code_of(caught) == "accounts.not_deputisable"


def test_nobody_stands_in_for_themselves_nor_while_inactive(
    by: Actor, member: User, other: User
) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    User.objects.filter(pk=other.pk).update(is_active=False)
    other.refresh_from_db()
    for deputy in (member, other):
        with pytest.raises(InvalidArgumentError) as caught:
            actions.name_deputy(own(member), post, deputy, TODAY, TODAY)
        assert code_of(caught) == "accounts.bad_deputy"


def test_holder_deputy_and_administrator_take_it_back(by: Actor, member: User, other: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    for who in (own(member), own(other), by):
        stand_in = actions.name_deputy(own(member), post, other, TODAY, TODAY + DAY)
        actions.end_deputy(who, stand_in)
        assert roles(other) == set()


@pytest.mark.parametrize(
    "values",
    [
        {"role": "nonsense", "valid_from": TODAY},
        {"role": "expert", "valid_from": TODAY, "valid_to": TODAY - DAY},
        {"role": "expert", "valid_from": TODAY, "deputy": True},
    ],
    ids=["unknown role", "reversed", "deputy without an end"],
)
def test_the_database_refuses_impossible_posts(
    by: Actor, member: User, other: User, values: dict[str, object]
) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    if values.pop("deputy", False):
        values["deputy_for"] = post
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(user=other, **values)


def test_naming_a_deputy_on_the_own_page(by: Actor, member: User, other: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    client = Client()
    client.force_login(member, settings.AUTHENTICATION_BACKENDS[-1])
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = f"/me/posts/{post.pk}/deputy/"
    given = {"deputy": other.pk, "first": TODAY.isoformat(), "last": (TODAY + DAY).isoformat()}
    assert client.post(page, given).url == "/me/"
    shown = client.get("/me/").content.decode()
    assert "网格员丙-02 stands in" in shown
    assert roles(other) == {"expert"}
    refused = client.post(page, given).content.decode()
    assert "holds this post on some of these days already" in refused
    stand_in = Appointment.objects.get(deputy_for=post)
    assert client.post(f"/deputies/{stand_in.pk}/end/").url == "/me/"
    assert roles(other) == set()


@pytest.mark.parametrize(
    ("role", "town", "seen"),
    [
        # the enterprise's own; of no other enterprise, and nobody of the office
        ("enterprise_officer", None, {"同厂"}),
        # of the unit, and whoever holds a post in the town
        ("grid_member", "丙镇", {"同厂", "丙镇网格员"}),
        # of the unit, and those of the same role
        ("expert", None, {"同厂", "专家乙"}),
    ],
)
def test_whose_names_a_holder_sees_as_deputies(
    by: Actor, towns: dict[str, Territory], role: str, town: str | None, seen: set[str]
) -> None:
    place = towns[town] if town else None
    holder = actions.make_person(by, name="持岗人", organisation="甲厂")
    actions.make_person(by, name="同厂", organisation="甲厂")
    for name, held, where in (
        ("乙厂环保员", "enterprise_officer", None), ("丙镇网格员", "grid_member", towns["丙镇"]),
        ("丁镇网格员", "grid_member", towns["丁镇"]), ("专家乙", "expert", None),
    ):  # fmt: skip
        other = actions.make_person(by, name=name, organisation="乙厂")
        actions.give_post(by, other, held, where, valid_from=TODAY)
    post = actions.give_post(by, holder, role, place, valid_from=TODAY)
    client = Client()
    client.force_login(holder, settings.AUTHENTICATION_BACKENDS[-1])
    page = client.get(f"/me/posts/{post.pk}/deputy/").content.decode()
    everybody = set(User.objects.values_list("name", flat=True)) - {"持岗人"}
    assert {n for n in everybody if f">{n}</option>" in page} == seen
    with pytest.raises(InvalidArgumentError) as caught:
        actions.name_deputy(own(holder), post, User.objects.get(name="管理员甲"), TODAY, TODAY)
    assert code_of(caught) == "accounts.bad_deputy"
    actions.name_deputy(by, post, User.objects.get(name="管理员甲"), TODAY, TODAY)


def test_nobody_names_a_deputy_for_the_post_of_another(
    by: Actor, member: User, other: User
) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY)
    stand_in = actions.name_deputy(by, post, User.objects.get(name="管理员甲"), TODAY, TODAY)
    client = Client()
    client.force_login(other, settings.AUTHENTICATION_BACKENDS[-1])
    assert client.get(f"/me/posts/{post.pk}/deputy/").status_code == 404
    assert client.post(f"/deputies/{stand_in.pk}/end/").status_code == 403
    assert client.post(f"/deputies/{post.pk}/end/").status_code == 404


def test_a_post_that_is_over_is_neither_revived_nor_said_to_have_lasted(
    by: Actor, member: User
) -> None:
    """The page may be older than the end of the post."""
    over = Appointment.objects.create(
        user=member, role="expert", valid_from=TODAY - 30 * DAY, valid_to=TODAY - 10 * DAY
    )
    soon = actions.give_post(by, member, "inspector", valid_from=TODAY, valid_to=TODAY + 5 * DAY)
    before = events()
    for post, day in ((over, None), (over, TODAY + 400 * DAY), (soon, TODAY + 400 * DAY)):
        with pytest.raises(InvalidArgumentError) as refused:
            actions.end_post(by, post, day)
        assert code_of(refused) == "accounts.ends_already"
    assert events() == before
    kept = Appointment.objects.order_by("role").values_list("role", "valid_to")
    assert list(kept.exclude(role="administrator")) == [
        ("expert", TODAY - 10 * DAY), ("inspector", TODAY + 5 * DAY),
    ]  # fmt: skip
    actions.end_post(by, soon, TODAY + DAY)  # earlier is an end


def test_past_days_of_a_deputy_stay_as_they_were(by: Actor, member: User, other: User) -> None:
    post = actions.give_post(by, member, "expert", valid_from=TODAY - 30 * DAY)
    past = Appointment.objects.create(
        user=other, role="expert", deputy_for=post,
        valid_from=TODAY - 30 * DAY, valid_to=TODAY - 10 * DAY,
    )  # fmt: skip
    with pytest.raises(InvalidArgumentError) as refused:
        actions.end_deputy(own(other), past)
    assert code_of(refused) == "accounts.ends_already"
    past.refresh_from_db()
    assert past.valid_to == TODAY - 10 * DAY
