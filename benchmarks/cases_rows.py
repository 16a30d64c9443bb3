"""Writes lives of cases (:mod:`cases_lives`) as rows of the database, and into the log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.utils import timezone

from lantian.web.audit.chain import head
from lantian.web.audit.hashing import FIELDS, GENESIS, canonical, digest
from lantian.web.audit.models import Event
from lantian.web.cases import searching
from lantian.web.cases.models import (
    Case,
    CaseEvent,
    CaseParty,
    CaseText,
    Comment,
    Counter,
    Reporter,
    Signature,
    Step,
)
from lantian.web.cases.table import TABLE

_TABLES = (Case, CaseText, CaseParty, Step, Comment, Event, CaseEvent, Signature, Reporter)
_PLAIN = (models.CharField, models.TextField, models.FloatField, models.IntegerField,
          models.BooleanField, models.ForeignKey)  # fmt: skip
_KEYED = (Case, CaseText, CaseEvent, Event)  # whose keys are given here
_TIES = ("merged_into", "sweep_of")
_NAMES = {"absorb": "cases.absorbed"}  # events of actions that are none of the table


def write(lives: Sequence[Any]) -> None:
    """Give each case its number in the order given, then write one table after the other."""
    _number(lives)
    with _unindexed():
        _bulk(Case, (_case(life) for life in lives))
        _bulk(CaseText, (_text(life) for life in lives))
        _bulk(CaseParty, (row for life in lives for row in _parties(life)))
        _bulk(Step, (row for life in lives for row in _steps(life)))
        events = _events(lives)
        comments = _comments(lives)
        _bulk(Comment, (c for c, _person in comments))
        log(events, comments)
        _bulk(CaseEvent, (row for row, _deed in events))
        keys = {id(deed): row.id for row, deed in events}
        _bulk(Signature, (row for life in lives for row in _signatures(life, keys)))
        _bulk(Reporter, (row for life in lives for row in _reporter(life)))
    with connection.cursor() as cursor:  # those whose keys were given
        for statement in connection.ops.sequence_reset_sql(no_style(), [Case, CaseEvent]):
            cursor.execute(statement)


def _number(lives: Sequence[Any]) -> None:
    first = (Case.objects.aggregate(last=models.Max("pk"))["last"] or 0) + 1
    last = dict(Counter.objects.values_list("year", "last"))
    for n, life in enumerate(lives):
        year = life.taken_in.astimezone(life.zone).year
        last[year] = last.get(year, 0) + 1
        life.now |= {"pk": first + n, "year": year, "number": last[year]}
        life.code = f"{year}-{last[year]:04}"
    Counter.objects.bulk_create(
        (Counter(year=year, last=number) for year, number in last.items()),
        update_conflicts=True, unique_fields=["year"], update_fields=["last"],
    )  # fmt: skip


def _case(life: Any) -> Case:  # noqa: ANN401
    columns = {**life.fields, **life.now}
    ties = {f"{k}_id": columns.pop(k).now["pk"] for k in _TIES if columns.get(k) is not None}
    found = life.responsibility
    return Case(
        **columns, **ties, **life.counts, problem=life.problem.code, catalogue=life.catalogue,
        medium=life.problem.medium, sector=life.problem.sector, severity=life.severity,
        taken_in_at=life.taken_in, state=life.state, round=life.round, version=len(life.deeds),
        responsibility=life.record,
        lead_id=None if found is None else found.lead.organisation,
    )  # fmt: skip


def _row(model: Any, **values: Any) -> Any:  # noqa: ANN401
    """Return a row by its columns, the others as the model has them: a model is slow to make."""
    return SimpleNamespace(**{**_defaults(model), **values})


@cache
def _defaults(model: Any) -> dict[str, Any]:  # noqa: ANN401
    return {f.attname: f.get_default() for f in model._meta.concrete_fields}


def _text(life: Any) -> CaseText:  # noqa: ANN401
    text = searching.words_of(*(life.fields[f] for f in searching.FIELDS))
    return CaseText(case_id=life.now["pk"], text=text)


def _parties(life: Any) -> Iterator[CaseParty]:  # noqa: ANN401
    found = life.responsibility
    if found is None:
        return
    parts = {p.organisation: "supporting" for p in found.supporting}
    parts |= {p.organisation: "subject" for p in (found.subject,) if p is not None}
    parts |= {p.organisation: "industry" for p in (found.industry,) if p is not None}
    parts[found.lead.organisation] = "lead"
    for organisation, part in parts.items():
        yield _row(CaseParty, case_id=life.now["pk"], organisation_id=organisation, part=part)


def _steps(life: Any) -> Iterator[Step]:  # noqa: ANN401
    for stage in life.stages:
        clock = stage.clock
        yield _row(
            Step,
            case_id=life.now["pk"], stage=stage.name, begun_at=clock.begun, yellow_at=clock.yellow,
            due_at=clock.due, first_due_at=stage.first_due, provisional=clock.provisional,
            unit=clock.unit, rule=stage.rule, ended_at=stage.ended,
        )  # fmt: skip


def _events(lives: Sequence[Any]) -> list[tuple[CaseEvent, Any]]:
    """Return all events with their deeds, as time went by."""
    rows = [(d.at, life, n, d) for life in lives for n, d in enumerate(life.deeds, start=1)]
    rows.sort(key=lambda r: (r[0], r[1].now["pk"], r[2]))
    first = (CaseEvent.objects.aggregate(last=models.Max("pk"))["last"] or 0) + 1
    return [
        (
            _row(
                CaseEvent, id=first + n, case_id=life.now["pk"], number=number, action=deed.action,
                before=deed.before, after=deed.after, at=at, actor_id=deed.person.key,
                actor_name=deed.person.name, post=deed.person.post, root_post=deed.person.post,
                role=deed.person.role, organisation_id=deed.person.organisation,
                reason=deed.reason, data=deed.data(),
            ),
            _coded(deed, life),
        )
        for n, (at, life, number, deed) in enumerate(rows)
    ]  # fmt: skip


def _coded(deed: Any, life: Any) -> Any:  # noqa: ANN401
    deed.code = life.code
    return deed


def _comments(lives: Sequence[Any]) -> list[tuple[Comment, tuple[str, Any]]]:
    """Return what was said of every seventh case, with its code and who said it."""
    found = []
    for life in lives[::7]:
        deed = life.deeds[-1]
        if deed.person.key is not None:
            at = min(life.present, deed.at + timedelta(minutes=40))
            row = Comment(case_id=life.now["pk"], author_id=deed.person.key, at=at,
                          text="请抓紧办理，有困难及时反馈。")  # fmt: skip
            found.append((row, (life.code, deed.person)))
    return found


def _signatures(life: Any, keys: dict[int, int]) -> Iterator[Signature]:  # noqa: ANN401
    for number, deed in life.signed:
        yield _row(
            Signature,
            case_id=life.now["pk"], round=number, user_id=deed.person.key, post=deed.person.post,
            at=deed.at, event_id=keys[id(deed)],
        )  # fmt: skip


def _reporter(life: Any) -> Iterator[Reporter]:  # noqa: ANN401
    if life.fields["channel"] in ("hotline", "public"):
        key = life.now["pk"]
        yield Reporter(case_id=key, name=f"来电人{key}", phone=f"0000-{key:07}")


def log(events: list[tuple[CaseEvent, Any]], comments: list[Any]) -> None:
    """Write the log of all events, one chained to the other, and the comments after them."""
    begun = time.monotonic()
    number, before, last = head() or (0, GENESIS, datetime.min.replace(tzinfo=UTC))
    at = max(timezone.now().astimezone(UTC), last)
    rows: list[Any] = []

    def add(action: str, person: Any, key: int, code: str, about: dict[str, Any]) -> int:  # noqa: ANN401
        nonlocal number, before
        number += 1
        values = {
            "id": number, "at": at, "actor_id": person.key, "actor_name": person.name,
            "action": action, "object_type": "cases.case", "object_id": str(key),
            "object_label": code, "data": canonical(about), "address": "", "request": "",
            "previous": before,
        }  # fmt: skip
        before = digest([values[f] for f in FIELDS])
        rows.append(_row(Event, **values, hash=before))
        return number

    for row, deed in events:
        about = {"number": row.number, "before": {"state": row.before},
                 "after": {"state": row.after}, "post": row.post, "reason": row.reason,
                 **row.data}  # fmt: skip
        name = _NAMES.get(row.action) or TABLE.actions[row.action].event
        row.audit = add(name, deed.person, row.case_id, deed.code, about)
    for comment, (code, person) in comments:
        add(
            "cases.commented", person, comment.case_id, code, {"text": comment.text, "mentions": []}
        )
    _bulk(Event, rows)
    print(f"log chained and written in {time.monotonic() - begun:.0f} s", flush=True)


def _bulk(model: Any, rows: Iterable[Any]) -> None:  # noqa: ANN401
    """Insert rows by one prepared statement: ``bulk_create`` writes a long one for every 30 rows.

    It is also what the log, which refuses rows in bulk, takes from a seed that chained them.
    """
    begun = time.monotonic()
    written = 0

    def values() -> Iterator[list[Any]]:
        nonlocal written
        for written, row in enumerate(rows, start=1):  # noqa: B007 - read below
            yield [make(row) for make in ways]

    columns = [f for f in model._meta.concrete_fields if model in _KEYED or not f.primary_key]
    ways = [_way(f) for f in columns]
    names = ", ".join(connection.ops.quote_name(f.column) for f in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values())
    print(f"{model.__name__} {written} in {time.monotonic() - begun:.0f} s", flush=True)


def _way(field: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """Return what takes the value of a column from a row, as the database keeps it."""
    take = attrgetter(field.attname)
    if isinstance(field, models.DateTimeField):  # naive UTC, as Django writes it, without asking

        def moment(row: Any) -> str | None:  # noqa: ANN401
            at = take(row)
            return None if at is None else str(at.astimezone(UTC).replace(tzinfo=None))

        return moment
    if isinstance(field, _PLAIN):
        return take
    if isinstance(field, models.JSONField) and field.encoder is None:

        def text(row: Any) -> str | None:  # noqa: ANN401
            value = take(row)
            return None if value is None else json.dumps(value)

        return text
    return lambda row: field.get_db_prep_save(take(row), connection)


@contextmanager
def _unindexed() -> Iterator[None]:
    """Drop the indices of the tables of cases, and make them again from all rows at once."""
    tables = [model._meta.db_table for model in _TABLES]
    marks = ", ".join(["%s"] * len(tables))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            f" AND tbl_name IN ({marks})",
            tables,
        )
        found = cursor.fetchall()
        for name, _sql in found:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    yield
    begun = time.monotonic()
    with connection.cursor() as cursor:
        for _name, sql in found:
            cursor.execute(sql)
    print(f"{len(found)} indices in {time.monotonic() - begun:.0f} s", flush=True)
