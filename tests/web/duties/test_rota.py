"""The duty rota: who is on duty, gaps and overlaps, Excel in and out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lantian.errors import DomainError, UnknownNameError
from lantian.network import Network
from lantian.web.accounts.models import User
from lantian.web.audit.models import Event
from lantian.web.duties import rota
from lantian.web.duties.actions import rota as actions
from lantian.web.duties.models import Shift
from tests.web.duties.conftest import BY

MONDAY = date(2026, 11, 23)


def moment(day: int, hour: int) -> datetime:
    """Return an hour of local time as UTC."""
    return datetime(2026, 11, day, hour, tzinfo=UTC) - timedelta(hours=8)


def add(user: User, kind: str, day: date, note: str = "") -> Shift:
    return actions.add_shift(BY, user, kind, day, note)


@pytest.mark.django_db
def test_who_is_on_duty_over_midnight(served: Network, person: Callable[..., User]) -> None:
    early, late = person("dispatcher", phone="13800000001"), person("dispatcher")
    add(early, "day", MONDAY)
    add(late, "night", MONDAY)
    assert rota.on_duty(moment(23, 7)) == []
    (one,) = rota.on_duty(moment(23, 8))
    assert (one.kind, one.name, one.phone) == ("Day shift", early.name, "13800000001")
    for day, hour in ((23, 20), (24, 7)):
        assert [d.name for d in rota.on_duty(moment(day, hour))] == [late.name]
    assert rota.on_duty(moment(24, 8)) == []


@pytest.mark.django_db
def test_gaps_and_people_who_have_two_at_once(served: Network, person: Callable[..., User]) -> None:
    one, other = person("dispatcher"), person("leader")
    twice = {add(one, "day", MONDAY).pk, add(one, "standby", MONDAY).pk}
    add(other, "leading", MONDAY)
    add(other, "night", MONDAY + timedelta(days=1))  # follows, and meets nothing
    week = rota.week_of(date(2026, 11, 26))
    assert week.monday == MONDAY
    assert week.twice == twice
    gaps = {(s.day.day, s.kind.code) for s in week.gaps}
    assert len(gaps) == 7 * 3 - 3
    assert (23, "night") in gaps
    assert (23, "standby") not in gaps  # nobody need be on call


@pytest.mark.django_db
def test_what_cannot_be_is_refused(served: Network, person: Callable[..., User]) -> None:
    one = person("dispatcher")
    add(one, "day", MONDAY)
    with pytest.raises(DomainError) as error:
        add(one, "day", MONDAY)
    assert error.value.code == "duties.shift_twice"
    with pytest.raises(UnknownNameError):
        add(one, "evening", MONDAY)
    one.is_active = False
    with pytest.raises(DomainError) as error:
        add(one, "night", MONDAY)
    assert error.value.code == "duties.not_active"
    assert Shift.objects.count() == 1
    for beyond in (date.min, date.max):
        with pytest.raises(DomainError) as error:
            add(person("dispatcher"), "night", beyond)
        assert error.value.code == "duties.no_day"


def workbook(path: Path, rows: list[tuple[str, ...]]) -> SimpleUploadedFile:
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    for line, row in enumerate([("日期", "班次", "姓名", "备注"), *rows]):
        sheet.write_row(line, 0, row)
    book.close()
    return SimpleUploadedFile("rota.xlsx", path.read_bytes())


def test_the_rota_goes_out_and_comes_back(
    served: Network, sign_in: Callable[..., Client], tmp_path: Path
) -> None:
    client = sign_in("dispatcher")
    one = User.objects.latest("pk")
    add(one, "day", MONDAY, "=1+1")
    add(one, "night", MONDAY)
    add(one, "day", MONDAY + timedelta(days=7))
    made = client.get("/duties/rota/", {"week": "2026-11-25", "format": "xlsx"}).content
    (tmp_path / "out.xlsx").write_bytes(made)
    back = SimpleUploadedFile("rota.xlsx", made)
    page = client.post("/duties/rota/import/", {"file": back}).content.decode()
    assert "The file changes nothing." in page
    rows = [("2026-11-23", "白班", one.name, "改"), ("2026-11-24", "夜班", one.name, "")]
    looked = client.post("/duties/rota/import/", {"file": workbook(tmp_path / "in.xlsx", rows)})
    assert Shift.objects.count() == 3
    text = looked.content.decode()
    signed = text.split('name="rows" value="')[1].split('"')[0]
    done = client.post("/duties/rota/import/", {"rows": signed}, follow=True).content.decode()
    assert "1 new, 1 changed, 1 ended" in done
    kept = sorted(Shift.objects.values_list("day", "kind", "note"))
    assert kept == [
        (MONDAY, "day", "改"),
        (MONDAY + timedelta(days=1), "night", ""),
        (MONDAY + timedelta(days=7), "day", ""),
    ]
    assert Event.objects.filter(action="duties.rota_imported").count() == 1


def test_bad_rows_are_named_and_nothing_lands(
    served: Network, sign_in: Callable[..., Client], tmp_path: Path
) -> None:
    client = sign_in("dispatcher")
    one = User.objects.latest("pk")
    rows = [("2026-11-23", "晚班", one.name, ""), ("2026-11-23", "白班", "无此人", ""),
            ("", "白班", one.name, ""), ("2026-11-23", "白班", one.name, ""),
            ("2026-11-23", "白班", one.name, "")]  # fmt: skip
    file = workbook(tmp_path / "in.xlsx", rows)
    page = client.post("/duties/rota/import/", {"file": file})
    text = page.content.decode()
    assert page.status_code == 400
    for said in ("There is no shift “晚班”", "Nobody active is called “无此人”", "Give the day.",
                 "has this shift already"):  # fmt: skip
        assert said in text
    assert not Shift.objects.exists()


def test_the_page_of_a_week(
    served: Network, sign_in: Callable[..., Client],
    django_assert_max_num_queries: Callable[..., object],
) -> None:  # fmt: skip
    client = sign_in("dispatcher")
    one = User.objects.latest("pk")
    given = {"user": one.pk, "kind": "day", "day": "2026-11-23", "note": "电话值守"}
    assert "is on duty" in client.post("/duties/rota/add/", given, follow=True).content.decode()
    assert client.post("/duties/rota/add/", given).status_code == 400
    with django_assert_max_num_queries(10):
        page = client.get("/duties/rota/").content.decode()
    assert "On duty now:" in page  # the clock of the tests is at 08:16
    assert "20 shifts of this week have nobody." in page
    shift = Shift.objects.get()
    expert = sign_in("expert")
    assert "电话值守" in expert.get("/duties/rota/").content.decode()
    assert expert.post(f"/duties/rota/{shift.pk}/remove/").status_code == 403
    client.post(f"/duties/rota/{shift.pk}/remove/")
    assert not Shift.objects.exists()
    assert client.get("/duties/rota/?week=9999-12-31").status_code == 200
