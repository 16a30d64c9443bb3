"""Taking in people from files: looked at first, whole or not at all."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lantian.errors import BadInputError
from lantian.web.accounts import actions, roster
from lantian.web.accounts.models import Appointment, User
from lantian.web.audit.actors import Actor
from lantian.web.duties.models import Organisation
from lantian.web.places.models import Territory
from tests.web.accounts.conftest import events
from tests.web.accounts.test_passwords import redeem

GOOD = """姓名,手机号,单位,角色,辖区,起,止
网格员丙-01,138 0000 0001,丙镇政府,网格员,丙镇,2026-11-23,
网格员丙-01,,,网格员,甲镇,2026-12-01,2026-12-31
专家乙,,,expert,,,
"""


def upload(client: Client, text: str, name: str = "people.csv"):
    return client.post("/people/import/", {"file": SimpleUploadedFile(name, text.encode())})


def rows_of(page: str) -> str:
    found = re.search(r'name="rows" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("towns")
def test_look_then_take(admin_client: Client, client: Client) -> None:
    before = events()
    page = upload(admin_client, GOOD).content.decode()
    assert "网格员丙-01, 专家乙" in page
    assert User.objects.count() == 1
    assert events() == before  # a look leaves no trace
    done = admin_client.post("/people/import/", {"rows": rows_of(page), "codes": "1"})
    text = done.content.decode()
    user = User.objects.get(name="网格员丙-01")
    assert (user.phone, user.organisation) == ("13800000001", "丙镇政府")
    assert user.appointments.count() == 2
    codes = re.findall(r"<td><code>([\w-]+)</code></td>", text)
    assert len(codes) == 2
    assert events()[-1] == "accounts.people_imported"
    assert redeem(client, "13800000001", codes[0]).status_code == 302


@pytest.mark.usefixtures("towns")
def test_the_same_file_again_changes_nothing(admin_client: Client) -> None:
    for _n in range(2):
        page = upload(admin_client, GOOD).content.decode()
        admin_client.post("/people/import/", {"rows": rows_of(page)})
    assert User.objects.count() == 3
    assert Appointment.objects.count() == 4
    again = upload(admin_client, GOOD).content.decode()
    assert "Issue a one-time code" not in again


@pytest.mark.usefixtures("towns")
def test_the_export_is_an_import(admin_client: Client) -> None:
    page = upload(admin_client, GOOD).content.decode()
    admin_client.post("/people/import/", {"rows": rows_of(page)})
    exported = admin_client.get("/people/", {"format": "csv"}).content.decode("utf-8-sig")
    look = upload(admin_client, exported).content.decode()
    assert re.search(r"<dt>New people</dt><dd>0</dd>", look)
    assert re.search(r"<dt>Posts given</dt><dd>0</dd>", look)


@pytest.mark.usefixtures("towns")
def test_a_workbook(admin_client: Client) -> None:
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    for r, line in enumerate(GOOD.strip().splitlines()):
        sheet.write_row(r + 1, 0, line.split(","))  # below a title
    sheet.write(0, 0, "攻坚办人员名单")
    book.close()
    file = SimpleUploadedFile("people.xlsx", buffer.getvalue())
    page = admin_client.post("/people/import/", {"file": file}).content.decode()
    assert "专家乙" in page


@pytest.mark.usefixtures("towns")
def test_every_bad_row_is_listed_and_nothing_taken(admin_client: Client) -> None:
    bad = """姓名,手机号,角色,辖区,起,止
甲,1,,,,
13800000000,,,,,
乙,,馆员,,,
丙,,网格员,无此镇,,
丁,,专家,,2026-13-01,
戊,,专家,,2026-12-02,2026-12-01
,,专家,,,
己,,,丙镇,,
庚,,专家,,,
"""
    # first what a cell says, all rows at once
    page = upload(admin_client, bad).content.decode()
    for line, said in (
        (4, "There is no role “馆员”"), (5, "There is no territory “无此镇”"),
        (6, "“2026-13-01” is not a day"), (8, "The row has no name"),
        (9, "has a territory, a unit, a sector or days, but no role"),
    ):  # fmt: skip
        assert re.search(rf'<td class="num">{line}</td>.*{said}', page), said
    # then what the rules say
    rest = "\n".join(line for n, line in enumerate(bad.splitlines(), 1) if n not in (4, 5, 6, 8, 9))
    page = upload(admin_client, rest).content.decode()
    for line, said in (
        (2, "is not a phone number"), (3, "looks like a phone number"),
        (4, "The last day must not be before the first one"),
    ):  # fmt: skip
        assert re.search(rf'<td class="num">{line}</td>.*{said}', page), said
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "no column of names"),
        ("", "empty"),
        ("姓名\n" + "甲\n" * 5001, "at most 5000"),
    ],
)
def test_what_is_no_list_of_people(admin_client: Client, text: str, said: str) -> None:
    response = upload(admin_client, text or " ")
    assert response.status_code in (200, 400)
    assert said in response.content.decode() or said == "empty"
    assert User.objects.count() == 1


def test_two_rows_for_one_phone(by: Actor) -> None:
    lines = [roster.Line(2, "甲", phone="13800000000"), roster.Line(3, "乙", phone="138 0000 0000")]
    with pytest.raises(BadInputError) as caught:
        actions.import_people(by, lines, "f", dry_run=False)
    assert [p.line for p in caught.value.problems] == [3]
    assert User.objects.count() == 1


def test_only_what_was_looked_at_is_taken(admin_client: Client) -> None:
    response = admin_client.post("/people/import/", {"rows": "forged"})
    assert response.status_code == 400
    assert User.objects.count() == 1


@pytest.mark.usefixtures("towns")
def test_a_territory_whose_name_is_not_unique_needs_its_code(by: Actor, tmp_path) -> None:
    Territory.objects.create(code="X1", name="丙镇", level="town")
    path = tmp_path / "p.csv"
    path.write_text("name,role,territory\n甲,grid_member,丙镇\n", encoding="utf-8")
    with pytest.raises(BadInputError) as caught:
        roster.read(path)
    assert "give its code" in caught.value.problems[0].message
    path.write_text("name,role,territory\n甲,grid_member,X1\n", encoding="utf-8")
    assert roster.read(path)[0].territory == Territory.objects.get(code="X1").pk


@pytest.mark.usefixtures("towns")
def test_a_territory_deleted_since_the_look_is_said(admin_client: Client) -> None:
    rows = rows_of(upload(admin_client, GOOD).content.decode())
    Territory.objects.filter(name="甲镇").delete()
    answer = admin_client.post("/people/import/", {"rows": rows})
    assert answer.status_code == 400
    assert "Look at the file again" in answer.content.decode()
    assert not User.objects.filter(name="网格员丙-01").exists()


POSTS = """姓名,角色,任职单位,领域,起
住建局经办岗乙,部门经办,O-901,建筑施工,2026-11-23
晨光砖厂环保员,企业环保员,晨光砖厂,,2026-11-23
"""


@pytest.fixture
def units(db: None) -> dict[str, Organisation]:
    """Return a department and an enterprise."""
    since = date(2020, 1, 1)
    made = [
        Organisation.objects.create(
            code="O-901", name="住建局", kind="department", valid_from=since
        ),
        Organisation.objects.create(
            code="O-902", name="晨光砖厂", kind="enterprise", valid_from=since
        ),
    ]
    return {o.name: o for o in made}


def test_posts_come_with_their_unit_and_sector(
    admin_client: Client, units: dict[str, Organisation]
) -> None:
    for _n in range(2):  # the second time nothing is given twice
        page = upload(admin_client, POSTS).content.decode()
        admin_client.post("/people/import/", {"rows": rows_of(page)})
    held = {p.user.name: p for p in Appointment.objects.exclude(role="administrator")}
    assert len(held) == 2
    assert held["住建局经办岗乙"].organisation == units["住建局"]
    assert held["住建局经办岗乙"].sector == "construction"
    assert held["晨光砖厂环保员"].organisation == units["晨光砖厂"]
    without = "姓名,角色,起\n住建局经办岗乙,部门经办,2026-11-23\n"
    page = upload(admin_client, without).content.decode()
    admin_client.post("/people/import/", {"rows": rows_of(page)})
    assert Appointment.objects.filter(role="department_officer").count() == 1


def test_somebody_of_an_enterprise_must_name_one_that_is_entered(
    admin_client: Client, units: dict[str, Organisation]
) -> None:
    rows = ("甲,企业环保员,,", "乙,企业环保员,无此厂,", "丙,部门经办,住建局,月球", "丁,,住建局,")
    bad = "\n".join(["姓名,角色,任职单位,领域", *rows])
    text = upload(admin_client, bad).content.decode()
    for said in (
        "name the enterprise here",
        "There is no organisation “无此厂”",
        "There is no sector “月球”",
        "but no role",
    ):
        assert said in text
    assert User.objects.count() == 1
