"""Issuing documents: who may, what is kept, what cannot be changed, numbers without gaps."""

from __future__ import annotations

import hashlib

import pytest
from django.db import DatabaseError, transaction

from lantian.errors import DomainError, InvalidArgumentError
from lantian.web.audit.models import Event
from lantian.web.cases.actions import Doer
from lantian.web.cases.models import Case
from lantian.web.core.clock import now
from lantian.web.documents import actions, sending
from lantian.web.documents.kinds import kind_of, kinds
from lantian.web.documents.models import Document, Numbering
from lantian.web.documents.paper import Paper
from tests.web.cases.world import World
from tests.web.documents.conftest import TEXTS, climbed, ready

URL = "https://example.org/cases/2026-0001/"


def issue(kind: str, case: Case, doer: Doer, key: str = "a", **texts: str) -> Document:
    return actions.issue(kind_of(kind), case, doer, {**TEXTS, **texts}, key=key, url=URL, now=now())


@pytest.mark.parametrize("kind", list(kinds()))
def test_each_kind_is_issued_and_kept(world: World, kind: str) -> None:
    case, doer = ready(world, kind, description="东侧裸土未覆盖。", source=world.source)
    made = issue(kind, case, doer)
    assert made.number == 1
    assert made.code == f"{kind_of(kind).mark}〔2026〕1号"
    pdf = sending.pdf(made)
    assert pdf.startswith(b"%PDF")
    assert hashlib.sha256(pdf).hexdigest() == made.sha256
    kept = Document.objects.get(pk=made.pk)
    paper = Paper.from_record(kept.paper)
    assert paper.number == made.code
    assert paper.url == URL
    assert case.code in [f.value for f in paper.fields]
    # the same words give the same bytes: what is kept can be made again
    assert actions.set_pdf(paper, made.issued_at) == pdf
    event = Event.objects.filter(action="documents.issued").get()
    assert event.object_label == made.code


def test_a_form_sent_twice_issues_once(world: World) -> None:
    case, doer = ready(world, "assignment_order")
    first = issue("assignment_order", case, doer)
    assert issue("assignment_order", case, doer).pk == first.pk
    assert issue("assignment_order", case, doer, key="b").number == 2


def test_each_kind_and_year_has_its_own_numbers(world: World) -> None:
    case, doer = ready(world, "assignment_order")
    issue("assignment_order", case, doer, "a")
    climbed(world, case, "supervise")
    assert issue("supervision_order", case, doer, "b").number == 1
    assert issue("assignment_order", case, doer, "c").number == 2
    later = actions.issue(
        kind_of("assignment_order"), case, doer, TEXTS, key="d", url=URL,
        now=now().replace(year=2027),
    )  # fmt: skip
    assert (later.year, later.number) == (2027, 1)


def test_what_fails_takes_no_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case, doer = ready(world, "assignment_order")

    def full(*_args: object, **_named: object) -> None:
        raise OSError("full")

    with monkeypatch.context() as patch:
        patch.setattr(actions, "store", full)
        with pytest.raises(OSError, match="full"):
            issue("assignment_order", case, doer)
    assert not Document.objects.exists()
    assert not Numbering.objects.filter(last__gt=0).exists()
    assert issue("assignment_order", case, doer).number == 1


@pytest.mark.parametrize(
    ("kind", "role", "unit"),
    [
        ("assignment_order", "town_officer", "lead"), ("assignment_order", "inspector", "outside"),
        ("rectification_reply", "dispatcher", "outside"),
        ("rectification_reply", "town_officer", "other"),
        ("reinspection_record", "town_officer", "lead"),
        ("close_out_form", "expert", "outside"),
        ("notice_of_talk", "department_officer", "outside"),
    ],
)  # fmt: skip
def test_others_do_not_issue(world: World, kind: str, role: str, unit: str) -> None:
    case, _doer = ready(world, kind)
    with pytest.raises(DomainError) as caught:
        issue(kind, case, world.doer(role, unit))
    assert caught.value.code == "documents.not_yours"


@pytest.mark.parametrize("kind", list(kinds()))
def test_nothing_is_issued_before_its_time(world: World, kind: str) -> None:
    case = world.until("opened")
    with pytest.raises(DomainError) as caught:
        issue(kind, case, world.doer("dispatcher"))
    assert caught.value.code == "documents.not_yet"


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"where": " "}, "documents.missing"), ({"where": "长" * 201}, "documents.too_long"),
        ({"when": "明天"}, "documents.bad_moment"),
    ],
)  # fmt: skip
def test_what_is_typed_is_looked_at(world: World, texts: dict[str, str], code: str) -> None:
    case, doer = ready(world, "notice_of_talk")
    with pytest.raises(InvalidArgumentError) as caught:
        issue("notice_of_talk", case, doer, **texts)
    assert caught.value.code == code


def test_a_void_document_keeps_its_number(world: World) -> None:
    case, doer = ready(world, "assignment_order")
    made = issue("assignment_order", case, doer)
    with pytest.raises(DomainError) as caught:
        actions.void(made, world.doer("town_officer", "lead"), reason="错", now=now())
    assert caught.value.code == "documents.not_yours_to_void"
    with pytest.raises(InvalidArgumentError):
        actions.void(made, doer, reason=" ", now=now())
    actions.void(made, doer, reason="单位写错", now=now())
    with pytest.raises(DomainError) as caught:
        actions.void(made, doer, reason="再来", now=now())
    assert caught.value.code == "documents.void_already"
    assert issue("assignment_order", case, doer, "b").number == 2
    assert sending.pdf(Document.objects.get(pk=made.pk)).startswith(b"%PDF")


@pytest.mark.parametrize(
    "change", [{"code": "X"}, {"paper": {}}, {"sha256": "0" * 64}, {"number": 7}]
)
def test_the_database_refuses_changes(world: World, change: dict[str, object]) -> None:
    case, doer = ready(world, "assignment_order")
    made = issue("assignment_order", case, doer)
    rows = Document.objects.filter(pk=made.pk)
    with pytest.raises(DatabaseError, match="not changed"), transaction.atomic():
        rows.update(**change)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        rows._raw_delete(rows.db)
    with pytest.raises(DatabaseError, match="no gaps"), transaction.atomic():
        Document.objects.create(**{
            **{f.attname: getattr(made, f.attname) for f in Document._meta.concrete_fields
               if f.name != "id"}, "number": 3, "key": "other",
        })  # fmt: skip


def test_a_reply_names_what_it_answers(world: World) -> None:
    case, office = ready(world, "supervision_order")
    order = issue("assignment_order", case, office, "a")
    push = issue("supervision_order", case, office, "b")
    unit = world.doer("town_officer", "lead")
    reply = issue("rectification_reply", case, unit, "c")
    assert reply.answers_id == push.pk
    assert push.code in [f["value"] for f in reply.paper["fields"]]
    assert reply.paper["signed"] == "丙镇人民政府"
    assert issue("rectification_reply", case, unit, "d").answers_id == order.pk
    assert issue("rectification_reply", case, unit, "e").answers is None


def test_who_reinspected_makes_the_record(world: World) -> None:
    case, inspector = ready(world, "reinspection_record")
    made = issue("reinspection_record", case, inspector)
    assert "现场所见" in str(made.paper["sections"]) or made.paper["table"]["rows"]
    with pytest.raises(DomainError):
        issue("reinspection_record", case, world.doer("inspector", n=1), "b")
