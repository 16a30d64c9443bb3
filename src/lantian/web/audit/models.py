"""The event: one line of the log, tied to the one before by a hash."""

from __future__ import annotations

import json
from typing import Any, ClassVar, NoReturn

from django.db import models

from lantian.errors import DomainError
from lantian.i18n import gettext as _


def _refuse(*args: object, **kwargs: object) -> NoReturn:
    del args, kwargs
    raise DomainError(
        "audit.append_only",
        _("The audit log only grows: an event can be neither changed nor deleted."),
    )


class EventQuerySet(models.QuerySet["Event"]):
    """Reads events; nothing else."""

    update = delete = bulk_create = bulk_update = update_or_create = get_or_create = _refuse
    create = _refuse


class Event(models.Model):
    """Something that was done, by whom, to what.

    Rows are made by :func:`lantian.web.audit.chain.record` only. ``id`` counts from 1 without a
    gap. ``data`` is kept as the canonical JSON that was hashed, so that no database can write it
    another way. ``at`` never runs backward from one event to the next.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64, blank=True)
    object_id = models.CharField(max_length=128, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    data = models.TextField()
    address = models.CharField(max_length=64, blank=True)
    request = models.CharField(max_length=32, blank=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects: ClassVar[models.Manager[Event]] = EventQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("at", "id"), name="event_at"),
            models.Index(fields=("actor_name", "id"), name="event_actor"),
            models.Index(fields=("action", "id"), name="event_action"),
            models.Index(fields=("object_type", "object_id", "id"), name="event_object"),
        )

    save = delete = _refuse  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.id} {self.action}"

    @property
    def details(self) -> dict[str, Any]:
        """Return what was written about the event."""
        found: dict[str, Any] = json.loads(self.data)
        return found
