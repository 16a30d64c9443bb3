"""A file of places that was sent: taken aside until what it would change was looked at."""

from __future__ import annotations

from django.http import HttpRequest

from lantian.web.air import uploads
from lantian.web.air.uploads import Upload
from lantian.web.audit.actors import of_request
from lantian.web.core import clock
from lantian.web.places.forms import ImportForm


def taken_aside(request: HttpRequest, form: ImportForm, purpose: str) -> Upload:
    """Return the file sent with a form that is valid.

    Raises
    ------
    DomainError
        As of `lantian.web.air.uploads.receive`.
    """
    choices = uploads.Choices(datum=form.cleaned_data["datum"])
    files = request.FILES.getlist("files")[:1]
    return uploads.receive(files, choices, of_request(request), clock.now(), purpose=purpose)
