"""Letterhead, numbering, wording and templates of documents."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from lantian.errors import InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import needs
from lantian.web.audit.chain import record
from lantian.web.documents import actions, office, sending, word
from lantian.web.documents.forms import OfficeForm, TemplateForm, initial, office_of
from lantian.web.documents.kinds import Kind, kind_of, kinds


@needs("documents.rules")
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """Show and change what the office sets of its documents."""
    form = OfficeForm(request.POST or None, initial=initial(actions.of_home()))
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, form)
        except InvalidArgumentError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved. It holds for documents issued from now on."))
            return redirect("documents:office")
    return render(request, "documents/office.html.j2", {
        "form": form,
        "templates": [(k, word.is_own(settings.HOME, k)) for k in kinds().values()],
        "names": sorted(word.NAMES), "places": sorted(office.IN_WORDS),
        "in_number": sorted(office.IN_NUMBER),
    }, status=400 if request.method == "POST" else 200)  # fmt: skip


@needs("documents.rules")
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Send the template of a kind to be edited; put in another; go back to the shipped one."""
    which = kind_of(kind)
    if request.method != "POST":
        return sending.sent(word.template_of(settings.HOME, which), which.code, "docx")
    if "restore" in request.POST:
        with transaction.atomic():
            record("documents.template_restored", _thing(which), request=request)
            word.restore(settings.HOME, which)
        messages.success(request, _("{kind}: the shipped template is back.").format(
            kind=which.short
        ))  # fmt: skip
        return redirect("documents:office")
    form = TemplateForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InvalidArgumentError("documents.no_template", _("Choose a DOCX file."))
    upload: UploadedFile = form.cleaned_data["template"]
    with transaction.atomic():
        data = upload.read(word.LARGEST + 1)
        word.check(data, which)
        record("documents.template_replaced", _thing(which), {"bytes": len(data)}, request=request)
        word.replace(settings.HOME, which, data)
    messages.success(request, _("{kind}: the template is replaced.").format(kind=which.short))
    return redirect("documents:office")


def _save(request: HttpRequest, form: OfficeForm) -> None:
    before, after = actions.of_home(), office_of(form.cleaned_data)
    office.check(after)
    with transaction.atomic():
        about = {"before": initial(before), "after": initial(after)}
        changed = {
            side: {n: v for n, v in told.items() if about["before"][n] != about["after"][n]}
            for side, told in about.items()
        }
        thing = ("documents", "office", after.letterhead)
        record("documents.settings_changed", thing, changed, request=request)
        office.save(settings.HOME, after)


def _thing(kind: Kind) -> tuple[str, str, str]:
    return ("documents.template", kind.code, kind.short)


urls = [
    path("documents/office/", settings_page, name="office"),
    path("documents/office/<slug:kind>/template/", template, name="office-template"),
]
