"""The people of the office, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.accounts import actions, codes, factors, queries, sessions, tokens
from lantian.web.accounts.access import needs
from lantian.web.accounts.forms import DeputyForm, PersonForm, PostForm
from lantian.web.accounts.models import Appointment, Token, User
from lantian.web.accounts.queries import PAGE, STATES, Filter
from lantian.web.accounts.roles import ROLES
from lantian.web.accounts.views.me import named
from lantian.web.audit.actors import Actor, of_request
from lantian.web.audit.chain import record
from lantian.web.core import downloads
from lantian.web.core.clock import today
from lantian.web.core.formats import with_query
from lantian.web.places.models import Territory

MANAGE = "accounts.manage"
_FIELD_OF = {
    "accounts.bad_name": "name", "accounts.name_taken": "name", "accounts.bad_phone": "phone",
    "accounts.phone_taken": "phone", "accounts.bad_email": "email",
    "accounts.bad_organisation": "organisation",
}  # fmt: skip


@needs(MANAGE)
@never_cache
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List people, as a page or as a file."""
    chosen = _filter(request)
    found = queries.people(chosen, today())
    wanted = downloads.wanted(request, "csv", "xlsx", "json")
    if wanted is not None:
        rows = list(found)
        record("accounts.people_exported", data={"people": len(rows)}, request=request)
        return downloads.table(queries.table(rows), _("people"), wanted)
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, _number(request.GET.get("page")) or 1), pages)
    context = {
        "people": found[(page - 1) * PAGE : page * PAGE],
        "total": total,
        "counts": queries.counts(today()),
        "chosen": chosen,
        "page": page,
        "pages": pages,
        "link": _link_of(request),
        "files": downloads.links(request, "csv", "xlsx", "json"),
        "roles": [(r.id, r.title) for r in ROLES.values()],
        "title": lambda post: queries.as_post(post, today()).title,
        "territories": list(Territory.objects.order_by("code").values_list("pk", "name")),
        "states": STATES,
    }
    return render(request, "accounts/people.html.j2", context)


def _filter(request: HttpRequest) -> Filter:
    get = request.GET.get
    role, state = get("role", ""), get("state", "active")
    return Filter(
        text=get("q", "").strip()[:80],
        role=role if role in ROLES or role == "none" else "",
        territory=_number(get("territory")),
        state=state if state in STATES else "active",
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _link_of(request: HttpRequest) -> Callable[[int], str]:
    def link(page: int) -> str:
        query = {k: request.GET.getlist(k) for k in request.GET if k != "page"}
        return with_query(request.path, {**query, "page": page if page > 1 else None})

    return link


@needs(MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a person with the first post, and show the one-time code they begin with."""
    form = PersonForm(request.POST or None)
    post_form = PostForm(request.POST or None, today=today(), optional=True, prefix="post")
    if request.method == "POST" and all([form.is_valid(), post_form.is_valid()]):
        post = post_form.cleaned_data if post_form.cleaned_data["role"] else None
        try:
            made, code = actions.enter_person(of_request(request), form.cleaned_data, post)
        except DomainError as error:
            if error.code in _FIELD_OF:
                form.add_error(_FIELD_OF[error.code], error.message)
            else:
                post_form.add_error(None, error.message)
        else:
            return _person_page(request, made, PersonForm(initial=_current(made)), code=code)
    context = {"form": form, "post_form": post_form}
    return render(request, "accounts/person_new.html.j2", context)


@needs(MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person; take changes of who they are."""
    user = get_object_or_404(User, pk=pk)
    form = PersonForm(request.POST or None, initial=_current(user))
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_person(of_request(request), user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(_FIELD_OF.get(error.code), error.message)
            user.refresh_from_db()
        else:
            if changed:
                messages.success(request, _("Saved."))
            return redirect("accounts:person", pk)
    return _person_page(request, user, form)


def _current(user: User) -> dict[str, str]:
    return {
        "name": user.name,
        "phone": user.phone or "",
        "email": user.email,
        "organisation": user.organisation,
    }


def _person_page(
    request: HttpRequest,
    user: User,
    form: PersonForm,
    post_form: PostForm | None = None,
    code: str | None = None,
) -> HttpResponse:
    day = today()
    posts = queries.posts_of(user, day)
    context = {
        "person": user,
        "form": form,
        "post_form": post_form or PostForm(today=day),
        "posts": [p for p in posts if p.state != "past"],
        "past": [p for p in posts if p.state == "past"],
        "factor": factors.device_of(user) is not None,
        "sessions": sessions.of(user),
        "tokens": tokens.live(user),
        "has_password": user.has_usable_password(),
        "code": code,
        "hours": round(codes.LASTS.total_seconds() / 3600),
        "today": day,
        "events": reverse("audit:events") + f"?object=accounts.user:{user.pk}",
    }
    return render(request, "accounts/person.html.j2", context)


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def give_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a post."""
    if request.method == "GET":  # somebody comes back to a form with errors
        return redirect("accounts:person", pk)
    user = get_object_or_404(User, pk=pk)
    form = PostForm(request.POST, today=today())
    if form.is_valid():
        try:
            actions.give_post(of_request(request), user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The post is given."))
            return redirect("accounts:person", pk)
    return _person_page(request, user, PersonForm(initial=_current(user)), form)


@needs(MANAGE)
@require_POST
def end_post(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    """End a post: at once, or after a day."""
    row = get_object_or_404(Appointment, pk=post, user_id=pk)
    text = request.POST.get("last_day", "")
    try:
        last_day = date.fromisoformat(text) if text else None
        actions.end_post(of_request(request), row, last_day)
    except DomainError as error:
        messages.error(request, error.message)
    except ValueError:
        messages.error(request, _("“{text}” is not a day.").format(text=text))
    else:
        messages.success(request, _("The post is ended."))
    return redirect("accounts:person", pk)


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def deputy(request: HttpRequest, pk: int, post: int) -> HttpResponse:
    """Name somebody who stands in for a person’s post."""
    row = get_object_or_404(Appointment, pk=post, user_id=pk, deputy_for=None)
    form = DeputyForm(request.POST or None, people=queries.candidates(row), today=today())
    if request.method == "POST" and form.is_valid() and named(request, form, row):
        return redirect("accounts:person", pk)
    context = {
        "form": form,
        "post": queries.as_post(row, today()),
        "back": "accounts:person",
        "alone": False,
    }
    return render(request, "accounts/deputy.html.j2", context)


@needs(MANAGE)
@require_POST
def revoke_token(request: HttpRequest, pk: int, token: int) -> HttpResponse:
    """Let a token of a person work no more."""
    row = get_object_or_404(Token, pk=token, user_id=pk)
    actions.revoke_token(of_request(request), row)
    messages.success(request, _("The token “{name}” does not work any more.").format(name=row.name))
    return redirect("accounts:person", pk)


@needs(MANAGE)
@never_cache
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Deactivate or reactivate a person, reset what they sign in with, sign them out."""
    if request.method == "GET":  # somebody comes back to the address of a code shown once
        return redirect("accounts:person", pk)
    user, by = get_object_or_404(User, pk=pk), of_request(request)
    if what == "code":
        return _issue(request, by, user)
    try:
        said = _ACTS[what](by, user)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("accounts:person", pk)


def _issue(request: HttpRequest, by: Actor, user: User) -> HttpResponse:
    """Show a new one-time code: once, so not after sending the browser elsewhere."""
    try:
        code = actions.issue_code(by, user)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("accounts:person", user.pk)
    return _person_page(request, user, PersonForm(initial=_current(user)), code=code)


def _deactivate(by: Actor, user: User) -> str:
    actions.deactivate(by, user)
    return _("{name} cannot sign in any more.").format(name=user.name)


def _reactivate(by: Actor, user: User) -> str:
    actions.reactivate(by, user)
    return _("{name} can sign in again.").format(name=user.name)


def _reset_factor(by: Actor, user: User) -> str:
    actions.reset_factor(by, user)
    return _("The second factor is off. Where it is demanded, a new one is set up at sign-in.")


def _end_sessions(by: Actor, user: User) -> str:
    ended = actions.end_sessions(by, user)
    return ngettext("{n} session was ended.", "{n} sessions were ended.", ended).format(n=ended)


_ACTS: dict[str, Callable[[Actor, User], str]] = {
    "deactivate": _deactivate,
    "reactivate": _reactivate,
    "reset-factor": _reset_factor,
    "end-sessions": _end_sessions,
}
