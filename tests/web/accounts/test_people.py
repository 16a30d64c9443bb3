"""Entering people, changing and deactivating them; never without an administrator."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from io import BytesIO

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from lantian.errors import DomainError, InvalidArgumentError, UnknownNameError
from lantian.network import Network
from lantian.web.accounts import actions, codes, factors, names, sessions, tokens
from lantian.web.accounts.models import Appointment, SignIn, User
from lantian.web.audit.actors import Actor
from lantian.web.audit.models import Event
from lantian.web.places.models import Territory
from tests.web.accounts.conftest import TODAY, events, signed_in, try_password
from tests.web.conftest import PASSWORD

OUTSIDER = Actor("调度员甲", 999, may=frozenset({"air", "today"}))


def make(by: Actor, name: str = "网格员丙-01", **others: str) -> User:
    return actions.make_person(by, name=name, **others)


# -- names and numbers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("13800000000", "13800000000"), ("+86 138 0000 0000", "13800000000"),
        ("0086-138-0000-0000", "13800000000"), ("8613800000000", "13800000000"),
        ("（0391）663 0000", "03916630000"), ("１３８００００００００", "13800000000"),
        ("+852 2345 6789", "+85223456789"), ("", None), ("  ", None), (None, None),
    ],
)  # fmt: skip
def test_phone_numbers_are_kept_one_way(given: str | None, kept: str | None) -> None:
    assert names.phone(given) == kept


@pytest.mark.parametrize(
    "given", ["12", "abc", "1380000000a", "1" * 16, "+", "138 0000 0000 转 5", "١٣٨٠٠٠٠٠٠٠٠"]
)
def test_what_is_no_phone_number_is_refused(given: str) -> None:
    with pytest.raises(InvalidArgumentError):
        names.phone(given)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "  ",
        "13800000000",
        "+86 138",
        "１３８",
        "12-34",
        "x" * 81,
        "a\x00b",
        "a\u200bb",
        "–13800000000",
        "138–0000—0000",
    ],
)
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(InvalidArgumentError):
        names.name(given)


def test_names_lose_surplus_blanks() -> None:
    assert names.name("  网格员丙-02 \u3000 甲 ") == "网格员丙-02 甲"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "values",
    [{"name": ""}, {"name": "13800000000"}, {"name": "+86 138-0000"}, {"name": "a", "phone": ""},
     {"name": "a", "phone": "138 0000"}, {"name": "a", "phone": "abc"}],
)  # fmt: skip
def test_the_database_keeps_names_and_numbers_apart(values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(**values)


# -- making and changing


def test_a_person_is_made_without_a_password(by: Actor) -> None:
    user = make(by, phone="138 0000 0000", email="a@example.org", organisation=" 丙镇  政府 ")
    assert not user.has_usable_password()
    assert (user.phone, user.organisation) == ("13800000000", "丙镇 政府")
    event = Event.objects.get()
    assert event.details["after"] == {
        "name": "网格员丙-01", "phone": "138****0000", "email": "a***@example.org",
        "organisation": "丙镇 政府",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"name": "管理员甲"}, "accounts.name_taken"),
        ({"name": "13800000000"}, "accounts.bad_name"),
        ({"name": "b", "phone": "x"}, "accounts.bad_phone"),
        ({"name": "b", "phone": "+86 139 0000 0000"}, "accounts.phone_taken"),
        ({"name": "b", "email": "x"}, "accounts.bad_email"),
        ({"name": "b", "organisation": "x" * 121}, "accounts.bad_organisation"),
    ],
)
def test_what_cannot_be_entered(by: Actor, others: dict[str, str], code: str) -> None:
    make(by, "网格员乙-01", phone="13900000000")
    with pytest.raises(InvalidArgumentError) as caught:
        actions.make_person(by, **others)
    assert caught.value.code == code
    assert events() == ["accounts.person_made"]


def test_a_change_is_logged_with_before_and_after(by: Actor) -> None:
    user = make(by, phone="13800000000")
    actions.change_person(
        by, user, name="网格员丙-03", phone="13900000000", email="", organisation=""
    )
    event = Event.objects.first()
    assert event is not None
    assert event.action == "accounts.person_changed"
    assert event.details["before"]["name"] == "网格员丙-01"
    assert event.details["after"]["name"] == "网格员丙-03"
    assert "13900000000" not in event.data


def test_no_change_is_no_event(by: Actor) -> None:
    user = make(by)
    assert not actions.change_person(
        by, user, name=user.name, phone=None, email="", organisation=""
    )
    assert events() == ["accounts.person_made"]


def test_only_administrators_act(by: Actor) -> None:
    user = make(by)
    post = actions.give_post(by, user, "expert", valid_from=TODAY)
    attempts = [
        lambda: make(OUTSIDER, "x"),
        lambda: actions.change_person(
            OUTSIDER, user, name="x", phone="", email="", organisation=""
        ),
        lambda: actions.deactivate(OUTSIDER, user),
        lambda: actions.reactivate(OUTSIDER, user),
        lambda: actions.reset_factor(OUTSIDER, user),
        lambda: actions.issue_code(OUTSIDER, user),
        lambda: actions.end_sessions(OUTSIDER, user),
        lambda: actions.give_post(OUTSIDER, user, "expert", valid_from=TODAY),
        lambda: actions.end_post(OUTSIDER, post),
        lambda: actions.name_deputy(OUTSIDER, post, user, TODAY, TODAY),
        lambda: actions.change_own(OUTSIDER, user, phone="", email="", language=""),
        lambda: actions.import_people(OUTSIDER, [], "x", dry_run=True),
    ]
    before = events()
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert events() == before


# -- deactivating, and the last administrator


def test_deactivating_ends_sessions_at_once(by: Actor, user: User, client: Client) -> None:
    try_password(client, "调度员甲")
    actions.deactivate(by, user)
    assert client.get("/me/").status_code == 302
    assert not signed_in(client)
    assert try_password(client, "调度员甲").status_code == 200
    actions.reactivate(by, user)
    assert try_password(client, "调度员甲").status_code == 302


def last_one(error: pytest.ExceptionInfo[DomainError]) -> bool:
    return error.value.code == "accounts.last_administrator"


def test_the_last_administrator_stays(by: Actor, admin: User) -> None:
    post = admin.appointments.get()
    for attempt in (
        lambda: actions.deactivate(by, admin),
        lambda: actions.end_post(by, post),
        lambda: actions.end_post(by, post, TODAY + timedelta(days=9)),
    ):
        with pytest.raises(DomainError) as caught:
            attempt()
        assert last_one(caught)
    admin.refresh_from_db()
    post.refresh_from_db()
    assert admin.is_active
    assert post.valid_to is None
    assert events() == []


@pytest.mark.parametrize(
    "second",
    [
        {"valid_from": TODAY + timedelta(days=1)},
        {"valid_from": TODAY, "valid_to": TODAY + timedelta(days=9)},
        {"valid_from": TODAY - timedelta(days=9), "valid_to": TODAY - timedelta(days=1)},
    ],
    ids=["from tomorrow", "with an end", "past"],
)
def test_who_is_not_administrator_for_good_does_not_count(
    by: Actor, admin: User, second: dict[str, date]
) -> None:
    Appointment.objects.create(user=make(by), role="administrator", **second)
    with pytest.raises(DomainError) as caught:
        actions.deactivate(by, admin)
    assert last_one(caught)


def test_a_deputy_or_an_inactive_one_does_not_count(by: Actor, admin: User) -> None:
    other, gone = make(by), make(by, "离职者")
    actions.name_deputy(by, admin.appointments.get(), other, TODAY, TODAY + timedelta(days=5))
    Appointment.objects.create(user=gone, role="administrator", valid_from=TODAY)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    with pytest.raises(DomainError) as caught:
        actions.deactivate(by, admin)
    assert last_one(caught)


def test_with_a_second_administrator_the_first_can_go(by: Actor, admin: User) -> None:
    other = make(by)
    actions.give_post(by, other, "administrator", valid_from=TODAY)
    actions.deactivate(by, admin)
    with pytest.raises(DomainError) as caught:
        actions.deactivate(by, other)
    assert last_one(caught)


def test_the_first_administrator_from_the_command_line(db: None, served: Network) -> None:
    user = actions.create_administrator("管理员乙", "a long enough pass phrase")
    assert user.check_password("a long enough pass phrase")
    assert user.appointments.get().role == "administrator"
    assert Event.objects.first().actor_id is None  # type: ignore[union-attr]
    for name, password, code in (
        ("管理员乙", PASSWORD, "accounts.name_taken"),
        ("管理员丙", "short", "accounts.weak_password"),
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            actions.create_administrator(name, password)
        assert caught.value.code == code
    assert User.objects.count() == 1


# -- pages


@pytest.fixture
def many(by: Actor, towns: dict[str, Territory]) -> list[User]:
    """Return 120 grid members of two towns."""
    made = []
    for n in range(120):
        user = User.objects.create(name=f"网格员-{n:03d}", phone=f"1390000{n:04d}")
        town = towns["丙镇" if n % 2 else "甲镇"]
        Appointment.objects.create(user=user, role="grid_member", territory=town, valid_from=TODAY)
        made.append(user)
    return made


def test_the_list_is_paged_and_needs_few_queries(
    admin_client: Client, many: list[User], django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(14):
        page = admin_client.get("/people/").content.decode()
    assert page.count('<td><a href="/people/') == 50
    assert "Page 1 of 3" in page
    last = admin_client.get("/people/", {"page": "99"}).content.decode()
    assert "Page 3 of 3" in last


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "网格员-00"}, 10), ({"q": "139 0000 0007"}, 1), ({"q": "无"}, 0),
        ({"role": "administrator"}, 1), ({"role": "none"}, 0), ({"territory": "丙镇"}, 50),
        ({"state": "inactive"}, 0), ({"role": "nonsense", "state": "x"}, 50),
    ],
)  # fmt: skip
def test_filters(
    admin_client: Client, many: list[User], towns: dict[str, Territory],
    query: dict[str, str], count: int,
) -> None:  # fmt: skip
    if "territory" in query:
        query = {"territory": str(towns[query["territory"]].pk)}
    page = admin_client.get("/people/", query).content.decode()
    assert page.count('<td><a href="/people/') == count


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
def test_export(admin_client: Client, many: list[User], format_: str) -> None:
    response = admin_client.get("/people/", {"format": format_, "q": "网格员"})
    body = BytesIO(response.content)
    rows = {
        "csv": lambda: pl.read_csv(body),
        "xlsx": lambda: pl.read_excel(body),
        "json": lambda: pl.DataFrame(json.loads(body.read())),
    }[format_]()
    assert rows.height == 120
    assert set(rows["territory"]) == {"甲镇", "丙镇"}
    assert events()[-1] == "accounts.people_exported"


def test_one_person_from_entering_to_leaving(
    admin_client: Client, admin: User, towns: dict[str, Territory]
) -> None:
    given = {"name": "网格员丁-01", "phone": "138 0000 0000",
             "organisation": "丁镇政府", "post-role": "grid_member",
             "post-territory": towns["丁镇"].pk, "post-valid_from": TODAY.isoformat()}  # fmt: skip
    shown = admin_client.post("/people/new/", given).content.decode()
    user = User.objects.get(name="网格员丁-01")
    page = f"/people/{user.pk}/"
    assert "Grid member · 丁镇" in shown
    assert user.organisation == "丁镇政府"
    post = user.appointments.get()
    (code,) = re.findall(r"<code>([A-Z2-9-]{14})</code>", shown)
    assert codes.valid(user, code)
    # the forms under a code shown once go to the person, not to where the code came from
    assert f'<form method="post" action="{page}" class="form">' in shown
    coded = admin_client.post(f"{page}code/").content.decode()
    assert "works once" in coded
    assert f'<form method="post" action="{page}" class="form">' in coded
    assert "works once" not in admin_client.get(page).content.decode()
    admin_client.post(f"{page}posts/{post.pk}/end/", {"last_day": ""})
    assert not user.appointments.exists()
    admin_client.post(f"{page}deactivate/")
    user.refresh_from_db()
    assert not user.is_active
    refused = admin_client.post(f"/people/{admin.pk}/deactivate/", follow=True).content.decode()
    assert "Nobody would be administrator any more" in refused


def test_a_person_may_be_entered_without_a_post_and_is_with_all_or_not_at_all(
    admin_client: Client, admin: User
) -> None:
    bare = {"name": "专家乙", "post-role": "", "post-valid_from": TODAY.isoformat()}
    assert "works once" in admin_client.post("/people/new/", bare).content.decode()
    assert not User.objects.get(name="专家乙").appointments.exists()
    days = {"post-valid_from": "2026-12-02", "post-valid_to": "2026-12-01"}
    wrong = admin_client.post("/people/new/", {"name": "专家丙", "post-role": "expert", **days})
    assert "The last day must not be before the first one" in wrong.content.decode()
    assert not User.objects.filter(name="专家丙").exists()


def test_the_operator_lets_the_only_administrator_in_again(
    db: None, served: Network, client: Client, real: None
) -> None:
    user = actions.create_administrator("管理员乙", "a long enough pass phrase")
    TOTPDevice.objects.create(user=user, key=factors.fresh_key(), confirmed=True)
    factors.make_recovery_codes(user)
    may = Actor(user.name, user.pk, may=frozenset({"accounts.manage", "api"}))
    _token, secret = actions.make_token(may, user, "a", 30)
    code = actions.issue_code(may, user)
    for _n in range(5):
        locked = try_password(client, "管理员乙", "wrong")
    assert locked.status_code == 429
    new = "quite another pass phrase"
    actions.reset_administrator("管理员乙", new, must_change=True)
    assert tokens.person_of(secret) is None
    assert codes.valid(user, code) is None
    assert factors.recovery_left(user) == 0
    assert try_password(client, "管理员乙", new).url == "/"
    assert client.get("/people/").url == "/password/"  # somebody else chose it
    own = "one of my very own"
    client.post("/password/", {"password": new, "new_password": own, "new_password_again": own})
    assert client.get("/people/").url == "/second-factor/"
    last = Event.objects.get(action="accounts.administrator_reset")
    assert (last.actor_name, last.object_label) == ("command line", "管理员乙")


def test_only_an_administrator_is_let_in_from_the_command_line(user: User, admin: User) -> None:
    for name in ("调度员甲", "无此人"):
        with pytest.raises(UnknownNameError) as caught:
            actions.reset_administrator(name, "quite another pass phrase")
        assert caught.value.code == "accounts.no_such_administrator"
    with pytest.raises(InvalidArgumentError):
        actions.reset_administrator("管理员甲", "short")
    admin.refresh_from_db()
    assert admin.check_password(PASSWORD)


def test_errors_stand_beside_their_field(admin_client: Client, admin: User) -> None:
    page = admin_client.post("/people/new/", {"name": "13800000000"}).content.decode()
    assert "looks like a phone number" in page
    days = {"valid_from": "2026-12-02", "valid_to": "2026-12-01"}
    refused = admin_client.post(f"/people/{admin.pk}/posts/", {"role": "expert", **days})
    page = refused.content.decode()
    assert "The last day must not be before the first one" in page


def test_signing_a_person_out_everywhere(admin_client: Client, user: User, client: Client) -> None:
    try_password(client, "调度员甲")
    admin_client.post(f"/people/{user.pk}/end-sessions/")
    assert client.get("/me/").status_code == 302
    assert not SignIn.objects.filter(user=user).exists()


def test_own_sessions(user: User, client: Client) -> None:
    browsers = [Client(), Client(), client]
    for browser in browsers:
        try_password(browser, "调度员甲")
    page = client.get("/me/").content.decode()
    assert page.count(">127.0.0.1<") == 3
    first = SignIn.objects.get(session_key=browsers[0].session.session_key)
    client.post("/me/sessions/end/", {"session": first.pk})
    assert [b.get("/me/").status_code for b in browsers] == [302, 200, 200]
    client.post("/me/sessions/end/", {"session": "others"})
    assert [b.get("/me/").status_code for b in browsers] == [302, 302, 200]
    assert client.post("/me/sessions/end/", {"session": "all"}).url == "/sign-in/"
    assert client.get("/me/").status_code == 302


def test_nobody_ends_the_sessions_of_somebody_else(
    user: User, client: Client, by: Actor, admin_client: Client
) -> None:
    try_password(client, "调度员甲")
    row = SignIn.objects.get()
    other = Client()
    make(by)
    User.objects.filter(name="网格员丙-01").update(password=user.password)
    try_password(other, "网格员丙-01")
    other.post("/me/sessions/end/", {"session": row.pk})
    assert client.get("/me/").status_code == 200


def test_a_session_in_use_is_noted_now_and_then(user: User, client: Client) -> None:
    try_password(client, "调度员甲")
    row = SignIn.objects.get()
    client.get("/me/")
    assert SignIn.objects.get().seen_at == row.seen_at
    session = client.session
    session["lantian_seen"] -= 301
    session.save()
    client.get("/me/")
    assert SignIn.objects.get().seen_at > row.seen_at


def test_sessions_that_have_run_out_are_forgotten(user: User, client: Client) -> None:
    try_password(client, "调度员甲")
    client.session.flush()
    sessions.clear()
    assert not SignIn.objects.exists()


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0",
            "WeChat · iOS",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Linux",
        ),
        ("curl/8", ""),
    ],
)
def test_devices_in_words(agent: str, device: str) -> None:
    assert sessions.device_of(agent) == device


def test_how_one_is_reached(user: User, client: Client) -> None:
    try_password(client, "调度员甲")
    page = client.post("/me/", {"phone": "abc", "email": "", "language": ""}).content.decode()
    assert "is not a phone number" in page
    client.post("/me/", {"phone": "+86 139 1111 1111", "email": "b@example.org", "language": "en"})
    user.refresh_from_db()
    assert (user.phone, user.email, user.language) == ("13911111111", "b@example.org", "en")


@pytest.mark.parametrize("path", ["code/", "deactivate/", "posts/"])
def test_coming_back_to_the_address_of_a_form_does_nothing(
    admin_client: Client, user: User, path: str
) -> None:
    assert admin_client.get(f"/people/{user.pk}/{path}").url == f"/people/{user.pk}/"
    assert events() == []
    assert admin_client.get("/audit/verify/").url == "/audit/"
