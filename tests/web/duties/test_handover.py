"""All posts of somebody who leaves go to somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from lantian.errors import DomainError
from lantian.web.accounts.access import in_force
from lantian.web.accounts.actions import hand_over, name_deputy
from lantian.web.accounts.actions.handover import fingerprint, planned
from lantian.web.accounts.models import Appointment, User
from tests.web.duties.conftest import BY, DAY, Office

LAST = DAY + timedelta(days=7)


@pytest.fixture
def two(office: Office) -> tuple[User, User]:
    """Return a leaver with posts of all sorts, and the successor."""
    unit = office.unit("县住建局")
    office.post("leaver", "department_officer", unit, sector="construction")
    office.post("leaver", "town_officer", territory=office.towns["丙镇"],
                valid_to=DAY + timedelta(days=30))  # fmt: skip
    office.post("leaver", "inspector")
    office.post("leaver", "expert", valid_to=DAY - timedelta(days=1))
    office.post("leaver", "grid_member", territory=office.towns["甲镇"],
                valid_from=DAY + timedelta(days=20))  # fmt: skip
    office.post("successor", "inspector")
    leaver, successor = User.objects.get(name="leaver"), User.objects.get(name="successor")
    absent = office.post("absent", "leader")
    name_deputy(BY, absent, leaver, DAY, DAY + timedelta(days=20))
    return leaver, successor


def held(user: User, day: object) -> set[str]:
    return set(in_force(Appointment.objects.filter(user=user), day).values_list("role", flat=True))


def test_everything_moves_after_the_last_day(
    two: tuple[User, User], events: Callable[[], list[str]]
) -> None:
    leaver, successor = two
    moves = planned(leaver, successor, LAST)
    assert {(m.post.role, m.what) for m in moves} == {
        ("department_officer", "moves"), ("town_officer", "moves"), ("grid_member", "moves"),
        ("inspector", "ends"), ("leader", "returns"),
    }  # fmt: skip
    hand_over(BY, leaver, successor, last_day=LAST, today=DAY, expected=fingerprint(moves))
    after = LAST + timedelta(days=1)
    assert held(leaver, LAST) == {"department_officer", "town_officer", "inspector", "leader"}
    assert held(leaver, after) == set()
    assert held(successor, after) == {"department_officer", "town_officer", "inspector"}
    assert held(successor, DAY + timedelta(days=20)) >= {"grid_member"}
    assert held(successor, DAY + timedelta(days=31)) == {
        "department_officer", "inspector", "grid_member",
    }  # fmt: skip
    moved = Appointment.objects.get(user=successor, role="department_officer")
    assert moved.organisation is not None
    assert (moved.organisation.name, moved.sector) == ("县住建局", "construction")
    assert events()[-1] == "accounts.posts_handed_over"


def test_at_once(two: tuple[User, User]) -> None:
    leaver, successor = two
    yesterday = DAY - timedelta(days=1)
    moves = planned(leaver, successor, yesterday)
    hand_over(BY, leaver, successor, last_day=yesterday, today=DAY, expected=fingerprint(moves))
    assert held(leaver, DAY) == set()
    assert "department_officer" in held(successor, DAY)


def test_only_what_was_shown_happens(two: tuple[User, User], office: Office) -> None:
    leaver, successor = two
    shown = fingerprint(planned(leaver, successor, LAST))
    office.post("leaver", "leader")
    with pytest.raises(DomainError) as error:
        hand_over(BY, leaver, successor, last_day=LAST, today=DAY, expected=shown)
    assert error.value.code == "store.not_as_shown"
    with pytest.raises(DomainError) as error:
        planned(leaver, leaver, LAST)
    assert error.value.code == "accounts.bad_successor"


def test_the_page_shows_and_does(two: tuple[User, User], sign_in: Callable[..., Client]) -> None:
    leaver, successor = two
    client = sign_in("administrator")
    asked = {"leaver": leaver.pk, "successor": successor.pk, "last_day": LAST.isoformat()}
    text = client.get("/duties/handover/", asked).content.decode()
    assert "successor holds it from 2026-12-01" in text
    assert "goes back to absent, whose post it is" in text
    expected = text.split('name="expected" value="')[1].split('"')[0]
    assert client.post("/duties/handover/", {**asked, "expected": "x"}).status_code == 400
    answer = client.post("/duties/handover/", {**asked, "expected": expected})
    assert answer.headers["Location"] == f"/people/{successor.pk}/"
    assert held(leaver, LAST + timedelta(days=1)) == set()
