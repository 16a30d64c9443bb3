"""Which role opens which page of people and of the log: by hand, not from the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client

from lantian.errors import DomainError
from lantian.network import Network
from lantian.web.accounts import demo
from lantian.web.accounts.access import access_of
from lantian.web.accounts.models import Appointment, User
from lantian.web.air import uploads
from lantian.web.core import air
from lantian.web.places.models import Territory
from tests.web.accounts.conftest import TODAY, events

ADMINISTRATOR, API, AUDIT = {"administrator"}, {"administrator", "dispatcher", "expert"}, {
    "administrator", "auditor",
}  # fmt: skip
ROLES = (
    "administrator", "dispatcher", "grid_member", "stationed_supervisor", "town_officer",
    "department_officer", "enterprise_officer", "inspector", "expert", "leader", "auditor",
)  # fmt: skip
PAGES = {
    "/me/": set(ROLES),
    "/password/": set(ROLES),
    "/second-factor/": set(ROLES),
    "/me/tokens/": API,
    "/people/": ADMINISTRATOR,
    "/people/?format=csv": ADMINISTRATOR,
    "/people/new/": ADMINISTRATOR,
    "/people/import/": ADMINISTRATOR,
    "/people/1/": ADMINISTRATOR,
    "/audit/": AUDIT,
    "/audit/?format=json": AUDIT,
    "/audit/1/": AUDIT,
}
FORMS = {
    "/audit/verify/": AUDIT,
    "/people/1/code/": ADMINISTRATOR,
    "/people/1/deactivate/": ADMINISTRATOR,
    "/people/1/reset-factor/": ADMINISTRATOR,
    "/people/1/end-sessions/": ADMINISTRATOR,
    "/people/1/posts/": ADMINISTRATOR,
    "/people/1/posts/1/end/": ADMINISTRATOR,
    "/people/1/posts/1/deputy/": ADMINISTRATOR,
    "/people/1/tokens/1/revoke/": ADMINISTRATOR,
    "/me/tokens/1/revoke/": API,
}
OPEN = ("/sign-in/", "/forgot/", "/one-time-code/", "/reset/a/b/", "/healthz")


@pytest.mark.parametrize("role", ROLES)
def test_pages(sign_in: Callable[..., Client], served: Network, role: str) -> None:
    client = sign_in(role)
    for path, allowed in PAGES.items():
        refused = client.get(path).status_code == 403
        assert refused is (role not in allowed), path
    for path, allowed in FORMS.items():
        refused = client.post(path).status_code == 403
        assert refused is (role not in allowed), path


@pytest.mark.django_db
def test_strangers(served: Network) -> None:
    client = Client()
    for path in PAGES:
        assert client.get(path).url.startswith("/sign-in/"), path
    for path in FORMS:
        assert client.post(path).url == "/sign-in/", path
    for path in OPEN:
        assert client.get(path).status_code in (200, 410), path


def test_somebody_without_a_post_sees_their_own_page(
    sign_in: Callable[..., Client], served: Network
) -> None:
    client = sign_in(None)
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/me/"
    assert "You hold no post yet" in client.get("/me/").content.decode()
    assert client.get("/people/").status_code == 403


@pytest.mark.parametrize("path", ["/me/", "/people/", "/audit/", "/sign-in/"])
def test_budgets(
    sign_in: Callable[..., Client], served: Network, path: str, django_assert_max_num_queries
) -> None:
    client = sign_in("administrator")
    client.get(path)
    with django_assert_max_num_queries(14):
        client.get(path)


# -- the demo


def test_demo_accounts(towns: dict[str, Territory]) -> None:
    demo.create()
    demo.create()
    held = dict(Appointment.objects.values_list("user__name", "role"))
    assert held == {
        "调度员甲": "dispatcher", "网格员丙-02": "grid_member", "丙镇环保岗": "town_officer",
        "住建局经办岗": "department_officer", "复查员乙": "inspector", "专家甲": "expert",
        "分管副主任岗": "leader", "纪检岗": "auditor", "管理员甲": "administrator",
        "驻厂员甲": "stationed_supervisor", "企业环保岗": "enterprise_officer",
    }  # fmt: skip
    assert set(held.values()) == set(ROLES)
    assert all(u.check_password("demo") for u in User.objects.all())
    town = User.objects.get(name="丙镇环保岗")
    stations = access_of(town, TODAY).stations
    assert stations is not None
    assert 0 < len(stations) < served_stations()
    assert events("accounts.demo_made") == ["accounts.demo_made"]


def served_stations() -> int:
    return air.network().stations().height


@pytest.mark.django_db
def test_no_demo_accounts_beside_real_data(real: None) -> None:
    with pytest.raises(DomainError) as caught:
        demo.create()
    assert caught.value.code == "accounts.not_simulated"
    assert not User.objects.exists()


@pytest.mark.django_db
def test_demo_accounts_need_the_territories(served: Network) -> None:
    with pytest.raises(DomainError) as caught:
        demo.create()
    assert caught.value.code == "accounts.no_town"
    assert not User.objects.exists()


def test_what_is_too_large_is_not_read_whoever_sends_it(
    served: Network, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django would put the files of a form on the disk to see whether it has a token."""
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 1024)
    monkeypatch.setattr(uploads, "limit_bytes", lambda: 1024**2)

    def read(_request: WSGIRequest) -> None:
        pytest.fail("the form was read")

    monkeypatch.setattr(WSGIRequest, "_load_post_and_files", read)
    for client, path, size in (
        (Client(), "/sign-in/", 2048), (admin_client, "/people/import/", 3 * 1024**2),
    ):  # fmt: skip
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        answer = client.post(path, {"file": SimpleUploadedFile("a.csv", b"x" * size)})
        assert answer.status_code == 400
        assert "larger than" in answer.content.decode()
