"""What somebody was told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.db.models import QuerySet
from django.http import HttpRequest

from lantian.web.notifications.models import Notice
from lantian.web.notifications.registry import of_title

PAGE = 30


def unread_of(request: HttpRequest) -> Callable[[], int]:
    """Return a function that counts the unread notices of who asks; asked once in a request."""

    @cache
    def count() -> int:
        return Notice.objects.filter(user_id=request.user.pk or 0, read_at=None).count()

    return count


def notices(user: int, *, unread: bool = False, title: str = "") -> QuerySet[Notice]:
    """Return the notices of a person, the newest first; ``title`` is of one group of kinds."""
    rows = Notice.objects.filter(user_id=user).select_related("case")
    if unread:
        rows = rows.filter(read_at=None)
    return rows.filter(kind__in=of_title(title)) if title else rows
