"""Whoever can write SQL to the database is found out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from lantian.errors import DomainError, InvalidArgumentError
from lantian.home.layout import Home
from lantian.web.audit import anchors, chain, guard
from lantian.web.audit.anchors import Anchor
from lantian.web.audit.hashing import FIELDS, digest
from lantian.web.audit.models import Event
from lantian.web.audit.verify import verify

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


@pytest.fixture
def log() -> None:
    """Make a log of ten events, and take the triggers away as somebody with the database would."""
    for n in range(10):
        chain.record("audit.exported", ("file", str(n), f"file {n}"), {"n": n}, actor="调度员甲")
    guard.apply(connection, make=False)


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def row(number: int) -> list[object]:
    return list(Event.objects.filter(pk=number).values_list(*FIELDS).get())


def rehash(number: int) -> None:
    """Give an event the hash that fits what it says now."""
    sql("UPDATE audit_event SET hash = %s WHERE id = %s", digest(row(number)), number)


def rewrite_from(number: int) -> None:
    """Make the chain fit again from an event to the end, as a careful forger does."""
    for n in range(number, Event.objects.count() + 1):
        before = Event.objects.get(pk=n - 1).hash
        sql("UPDATE audit_event SET previous = %s WHERE id = %s", before, n)
        rehash(n)


def insert(number: int, previous: str) -> None:
    """Insert a forged event whose own hash is right."""
    made = row(1)
    made[0], made[FIELDS.index("previous")] = number, previous
    made[FIELDS.index("data")] = '{"forged":true}'
    names = ", ".join((*FIELDS, "hash"))
    marks = ", ".join(["%s"] * (len(FIELDS) + 1))
    values = [v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in made]
    sql(f"INSERT INTO audit_event ({names}) VALUES ({marks})", *values, digest(made))


def shift(above: int, by: int) -> None:
    """Renumber the events above one."""
    numbers = Event.objects.filter(id__gt=above).values_list("id", flat=True)
    for n in sorted(numbers, reverse=by > 0):
        sql("UPDATE audit_event SET id = %s WHERE id = %s", n + by, n)


def found() -> tuple[str, int]:
    fault = verify().fault
    assert fault is not None
    return fault.kind, fault.number


@pytest.mark.usefixtures("log")
def test_an_untouched_log_is_whole() -> None:
    verdict = verify()
    assert verdict.ok
    assert (verdict.events, verdict.anchored) == (10, 0)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    "column", ["actor_name", "data", "object_label", "address", "action", "request"]
)
def test_a_changed_row(column: str) -> None:
    sql(f"UPDATE audit_event SET {column} = '{{}}x' WHERE id = 4")
    assert found() == ("changed", 4)


@pytest.mark.usefixtures("log")
def test_a_changed_time() -> None:
    sql("UPDATE audit_event SET at = '2020-01-01 00:00:00.000001' WHERE id = 4")
    assert found() == ("changed", 4)


@pytest.mark.usefixtures("log")
def test_a_changed_row_with_a_fitting_hash() -> None:
    sql("UPDATE audit_event SET data = '{}' WHERE id = 4")
    rehash(4)
    assert found() == ("changed", 4)


@pytest.mark.usefixtures("log")
def test_a_changed_row_and_a_changed_link() -> None:
    sql("UPDATE audit_event SET data = '{}' WHERE id = 4")
    rehash(4)
    sql(
        "UPDATE audit_event SET previous = (SELECT hash FROM audit_event WHERE id = 4) WHERE id = 5"
    )
    assert found() == ("changed", 5)


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("gone", [1, 6])
def test_a_deleted_row(gone: int) -> None:
    sql("DELETE FROM audit_event WHERE id = %s", gone)
    assert found() == ("deleted", gone)


@pytest.mark.usefixtures("log")
def test_several_deleted_rows_are_named_together() -> None:
    sql("DELETE FROM audit_event WHERE id IN (5, 6, 7)")
    fault = verify().fault
    assert fault is not None
    assert fault.message == "Events 5 to 7 were deleted."


@pytest.mark.usefixtures("log")
def test_a_deleted_row_with_the_others_renumbered() -> None:
    sql("DELETE FROM audit_event WHERE id = 6")
    shift(6, -1)
    assert found() == ("deleted", 6)


@pytest.mark.usefixtures("log")
def test_an_inserted_row() -> None:
    before = Event.objects.get(pk=4).hash
    shift(4, 1)
    insert(5, before)
    assert found() == ("inserted", 5)


@pytest.mark.usefixtures("log")
def test_an_inserted_row_before_the_first() -> None:
    insert(0, "0" * 64)
    assert found() == ("inserted", 0)


@pytest.mark.usefixtures("log")
def test_a_row_inserted_at_the_end_that_continues_nothing() -> None:
    insert(11, "f" * 64)
    fault = verify().fault
    assert fault is not None
    assert fault.kind == "changed"
    assert fault.number in (10, 11)


def anchor_of(number: int) -> Anchor:
    return Anchor(number, Event.objects.get(pk=number).hash, NOW)


@pytest.mark.usefixtures("log")
def test_a_cut_end_is_found_through_the_anchor_only() -> None:
    kept = anchor_of(10)
    sql("DELETE FROM audit_event WHERE id > 7")
    assert verify().ok
    fault = verify([kept]).fault
    assert fault is not None
    assert (fault.kind, fault.number) == ("cut", 8)
    assert "2026-11-23" in fault.message


@pytest.mark.usefixtures("log")
def test_a_rewritten_end_is_found_through_the_anchor_only() -> None:
    kept = [anchor_of(3), anchor_of(10)]
    sql("UPDATE audit_event SET data = '{}' WHERE id = 6")
    rehash(6)
    rewrite_from(7)
    assert verify().ok
    fault = verify(kept).fault
    assert fault is not None
    assert (fault.kind, fault.number) == ("rewritten", 4)
    assert "between 4 and 10" in fault.message


@pytest.mark.usefixtures("log")
def test_a_wholly_emptied_log_is_a_cut_one() -> None:
    kept = anchor_of(10)
    sql("DELETE FROM audit_event")
    fault = verify([kept]).fault
    assert fault is not None
    assert (fault.kind, fault.number) == ("cut", 1)


@pytest.mark.usefixtures("log")
def test_right_anchors_vouch_for_the_log() -> None:
    verdict = verify([anchor_of(10), anchor_of(3)])
    assert verdict.ok
    assert (verdict.anchors, verdict.anchored) == (2, 10)


def test_anchors_are_appended_once_for_each_head(tmp_path: Path) -> None:
    home = Home.init(tmp_path / "home", name="网")
    assert anchors.anchor(home, NOW) is None
    event = chain.record("audit.exported", actor="tests")
    for _time in range(2):
        made = anchors.anchor(home, NOW)
    assert made == Anchor(1, event.hash, NOW)
    chain.record("audit.exported", actor="tests")
    anchors.anchor(home, NOW)
    kept = anchors.read(home.path / "anchors" / "audit.jsonl")
    assert [a.number for a in kept] == [1, 2]
    assert kept[0] == made


def test_a_torn_line_does_not_end_the_anchors(tmp_path: Path) -> None:
    """A machine that lost power left half a line: what comes after is anchored all the same."""
    home = Home.init(tmp_path / "home", name="网")
    event = chain.record("audit.exported", actor="tests")
    path = anchors.path_of(home)
    path.parent.mkdir()
    path.write_text('{"at": "2026-11-23T00:00:00+00:00", "numb')
    made = anchors.anchor(home, NOW)
    assert made == Anchor(1, event.hash, NOW)
    with pytest.raises(DomainError, match="Line 1"):
        anchors.read(path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    assert anchors.read(path) == [made]


def test_the_first_anchor_of_a_number_counts(tmp_path: Path) -> None:
    one, two = Anchor(5, "a" * 64, NOW), Anchor(5, "b" * 64, NOW)
    assert anchors.by_number([one, two]) == {5: one}


def test_a_file_that_is_no_anchors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"number": 1, "hash": "a", "at": "2026-11-23T00:00:00+00:00"}\nnonsense\n')
    with pytest.raises(DomainError, match="Line 2"):
        anchors.read(path)
    with pytest.raises(DomainError, match="no file"):
        anchors.read(tmp_path / "gone")


@pytest.mark.parametrize("text", ["12:" + "a" * 64, f" 12  {'A' * 64}\n"])
def test_an_anchor_can_be_copied_from_a_page(text: str) -> None:
    assert anchors.parse(text) == Anchor(12, "a" * 64)


@pytest.mark.parametrize("text", ["", "12", "12:abc", "x:" + "a" * 64])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgumentError):
        anchors.parse(text)


def test_fields_cannot_be_moved_into_one_another() -> None:
    values = [1, NOW, None, "ab", "c", "", "", "", "{}", "", "", "0" * 64]
    other = [1, NOW, None, "a", "bc", "", "", "", "{}", "", "", "0" * 64]
    assert digest(values) != digest(other)
