"""The log only grows, one event after the other, whoever tries otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lantian.errors import DomainError
from lantian.web.accounts.models import User
from lantian.web.audit import actors, chain
from lantian.web.audit.hashing import FIELDS, GENESIS, canonical, digest
from lantian.web.audit.models import Event

pytestmark = pytest.mark.django_db


def note(n: int = 1) -> list[Event]:
    return [chain.record("audit.exported", data={"n": i}, actor="tests") for i in range(n)]


def test_numbers_have_no_gap_and_each_carries_the_hash_before() -> None:
    events = note(3)
    assert [e.id for e in events] == [1, 2, 3]
    assert [e.previous for e in events] == [GENESIS, events[0].hash, events[1].hash]


def test_the_hash_is_sha256_of_the_canonical_fields() -> None:
    (event,) = note()
    stored = Event.objects.get(pk=1)
    assert digest([getattr(stored, f) for f in FIELDS]) == event.hash
    # the form is fixed: a log written today must verify in ten years
    text = (
        '{"action":"a.b","actor_id":null,"actor_name":"甲","address":"",'
        '"at":"2026-11-23T08:00:00.000005+00:00","data":"{}","id":1,"object_id":"",'
        '"object_label":"","object_type":"","previous":"' + "0" * 64 + '","request":""}'
    )
    at = datetime(2026, 11, 23, 8, 0, 0, 5, UTC)
    known = [1, at, None, "甲", "a.b", "", "", "", "{}", "", "", GENESIS]
    assert digest(known) == sha256(text.encode()).hexdigest()


def test_canonical_json_sorts_keys_and_refuses_what_json_has_no_form_for() -> None:
    assert canonical({"b": 1, "a": {"d": None, "c": "甲"}}) == '{"a":{"c":"甲","d":null},"b":1}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"x": float("nan")})


def test_a_rolled_back_event_leaves_no_gap() -> None:
    note()
    with transaction.atomic():
        note()
        transaction.set_rollback(True)
    assert note()[0].id == 2


def test_time_never_runs_backward(monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = note()
    monkeypatch.setattr(timezone, "now", lambda: datetime.now(UTC) - timedelta(days=1))
    (second,) = note()
    assert second.at == first.at


def test_the_orm_neither_changes_nor_deletes() -> None:
    (event,) = note()
    attempts: list[Callable[[], object]] = [
        event.save,
        event.delete,
        lambda: Event.objects.all().delete(),
        lambda: Event.objects.filter(pk=1).update(actor_name="x"),
        lambda: Event.objects.create(id=2),
        lambda: Event.objects.bulk_create([Event(id=2)]),
        lambda: Event.objects.bulk_update([event], ["actor_name"]),
    ]
    for attempt in attempts:
        with pytest.raises(DomainError) as caught:
            attempt()
        assert caught.value.code == "audit.append_only"
    assert Event.objects.count() == 1


COLUMNS = ("id", "at", "actor_name", "action", "object_type", "object_id", "object_label", "data",
           "address", "request", "previous", "hash")  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_event SET actor_name = 'x' WHERE id = 1",
        "DELETE FROM audit_event WHERE id = 2",
        f"INSERT INTO audit_event ({', '.join(COLUMNS)}) SELECT 9, {', '.join(COLUMNS[1:])} "
        "FROM audit_event WHERE id = 1",
        f"REPLACE INTO audit_event ({', '.join(COLUMNS)}) SELECT {', '.join(COLUMNS)} "
        "FROM audit_event WHERE id = 1",
    ],
    ids=["update", "delete", "insert out of turn", "replace"],
)
def test_the_database_refuses_sql_that_is_no_append(sql: str) -> None:
    note(2)
    with (
        pytest.raises(IntegrityError, match="audit_event"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def test_only_declared_events_are_recorded() -> None:
    with pytest.raises(ImproperlyConfigured, match="not declared"):
        chain.record("tests.unheard_of", actor="tests")


def test_an_event_needs_an_actor() -> None:
    with pytest.raises(TypeError):
        chain.record("audit.exported")


def test_the_actor_and_the_object_are_kept_as_they_were() -> None:
    user = User.objects.create_user("调度员甲")
    by = actors.Actor(name="管理员甲", id=7, address="10.0.0.1", request="abc")
    event = chain.record("accounts.person_changed", user, {"a": 1}, actor=by)
    kept = Event.objects.get(pk=event.pk)
    who = (kept.actor_id, kept.actor_name, kept.address, kept.request)
    assert who == (7, "管理员甲", "10.0.0.1", "abc")
    what = (kept.object_type, kept.object_id, kept.object_label)
    assert what == ("accounts.user", str(user.pk), "调度员甲")
    assert json.loads(kept.data) == kept.details == {"a": 1}


def test_text_that_a_database_would_refuse_or_cut_is_cleaned_before_it_is_hashed() -> None:
    chain.record("audit.exported", ("file", "k" * 300, "a\x00b\n" + "c" * 300), actor="tests\x00")
    kept = Event.objects.get(pk=1)
    assert (kept.actor_name, len(kept.object_id), kept.object_label[:3]) == ("tests", 128, "abc")
    assert digest([getattr(kept, f) for f in FIELDS]) == kept.hash
