"""What the database refuses of cases, whoever writes to it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from lantian.web.cases.models import Case, CaseEvent, Step
from tests.web.cases.world import World


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cases_case SET state = 'closing' WHERE id = {id}",
        "UPDATE cases_case SET version = version + 1 WHERE id = {id}",
        "UPDATE cases_case SET state = 'closed', outcome = 'rectified' WHERE id = {id}",
        "UPDATE cases_case SET state = 'elsewhere' WHERE id = {id}",
        "UPDATE cases_case SET outcome = 'rectified' WHERE id = {id}",
        "UPDATE cases_case SET responsibility = NULL WHERE id = {id}",
        "UPDATE cases_case SET merged_into_id = id WHERE id = {id}",
        "UPDATE cases_case SET review_on = '2027-01-01' WHERE id = {id}",
        "UPDATE cases_case SET lon = 115 WHERE id = {id}",
        "UPDATE cases_case SET external_number = 'X-1' WHERE id = {id}",
        "DELETE FROM cases_case WHERE id = {id}",
        "UPDATE cases_step SET stage = 'closing' WHERE case_id = {id} AND ended_at IS NULL",
        "UPDATE cases_step SET ended_at = NULL WHERE case_id = {id}",
        "UPDATE cases_step SET due_at = '2020-01-01' WHERE case_id = {id} AND ended_at IS NULL",
        "UPDATE cases_caseevent SET actor_name = 'x' WHERE case_id = {id}",
        "UPDATE cases_caseevent SET audit = 1 WHERE case_id = {id} AND number = 2",
        "DELETE FROM cases_caseevent WHERE case_id = {id}",
    ],
)
def test_sql_cannot_bring_a_case_out_of_the_table(world: World, sql: str) -> None:
    case = world.until("rectifying")
    with pytest.raises(IntegrityError):
        run(sql.format(id=case.pk))


@transaction.atomic
def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.check_constraints()


@transaction.atomic
def move(case: Case, before: str, *, stop: bool) -> None:
    """Move a case by hand, with an event that says where it was before."""
    last = case.events.get(number=case.version)
    CaseEvent.objects.create(
        case=case, number=case.version + 1, action="x", before=before, after="reinspecting",
        at=last.at, actor_name="x",
    )  # fmt: skip
    if stop:
        Step.objects.filter(case=case, ended_at=None).update(ended_at=last.at)
    Case.objects.filter(pk=case.pk).update(state="reinspecting", version=case.version + 1)


def test_a_state_needs_an_event_that_leads_to_it_and_no_running_clock(world: World) -> None:
    case = world.until("rectifying")
    with pytest.raises(IntegrityError, match="clock"):
        move(case, "rectifying", stop=False)
    with pytest.raises(IntegrityError, match="event"):
        move(case, "opened", stop=True)
    move(case, "rectifying", stop=True)


def test_an_ended_case_has_no_clock_and_a_case_one_at_most(world: World) -> None:
    closed, running = world.until("closed"), world.until("rectifying")
    for case, stage in ((closed, "closing"), (running, "rectifying"), (running, "closing")):
        step = Step.objects.filter(case=case).latest("pk")
        step.pk, step.stage, step.ended_at = None, stage, None
        with pytest.raises(IntegrityError), transaction.atomic():
            step.save(force_insert=True)
