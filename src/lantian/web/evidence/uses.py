"""Which file came with which case: written down as events and comments are."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save

from lantian.web.evidence.models import Use


def listen() -> None:
    """Note the evidence of every event and comment of a case from now on."""
    from lantian.web.cases.models import CaseEvent, Comment

    post_save.connect(_event, sender=CaseEvent, dispatch_uid="evidence.use.event")
    post_save.connect(_comment, sender=Comment, dispatch_uid="evidence.use.comment")


def _event(instance: Any, created: bool, raw: bool, **_more: Any) -> None:  # noqa: ANN401
    if created and not raw:
        _note(instance, instance.data.get("evidence", ()))


def _comment(instance: Any, created: bool, raw: bool, **_more: Any) -> None:  # noqa: ANN401
    if created and not raw:
        _note(instance, instance.evidence)


def _note(came: Any, rows: Any) -> None:  # noqa: ANN401 - an event or a comment
    made = [
        Use(case_id=came.case_id, digest=row["digest"], kind=row["kind"], at=came.at)
        for row in rows
    ]
    if made:
        Use.objects.bulk_create(made, ignore_conflicts=True)  # one file twice under one kind
