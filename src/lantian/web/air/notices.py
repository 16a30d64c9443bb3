"""What the page after an action says, with the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html

from lantian.i18n import gettext as _
from lantian.web.accounts.access import access


def done(request: HttpRequest, text: str, *, undo: str | None = None) -> None:
    """Say that something is done, and link the page that undoes it to those who may."""
    if undo is not None and "data.undo" in access(request):
        text = format_html('{} <a href="{}">{}</a>', text, undo, _("Undo"))
    messages.success(request, text)
