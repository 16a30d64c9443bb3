"""The pages of task forces: the list, the board of one, its form, its members."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.access import access, needs
from lantian.web.audit.actors import of_request
from lantian.web.cases import counting
from lantian.web.cases.board import board_of
from lantian.web.cases.reach import reach
from lantian.web.core import clock
from lantian.web.core.downloads import links, table, wanted
from lantian.web.duties import words as duties_words
from lantian.web.taskforces import actions, queries
from lantian.web.taskforces.actions import MANAGE, SEE, Facts
from lantian.web.taskforces.figures import weeks_chart
from lantian.web.taskforces.forms import EndForm, MemberForm, TaskForceForm, initial_of
from lantian.web.taskforces.models import Member, TaskForce

_FIELD_OF = {
    "taskforces.no_name": "name", "taskforces.name_taken": "name",
    "taskforces.bad_period": "ends",
}  # fmt: skip


@needs(SEE)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the task forces: those that last with their open cases, those that are over."""
    now = counting.to_the_minute(clock.now())
    lasting = queries.forces(over=False, today=now.date())
    found = queries.summaries(lasting, reach(request), now)
    format_ = wanted(request, "xlsx", "csv")
    if format_:
        return table(queries.list_frame(found), _("task forces"), format_)
    return render(request, "taskforces/list.html.j2", {
        "found": found, "over": list(queries.forces(over=True, today=now.date())),
        "may": MANAGE in access(request), "files": links(request, "xlsx", "csv"),
        "mine": {m.force_id for m in queries.mine(request.user.pk or 0, now.date())},
    })  # fmt: skip


@needs(SEE)
@require_safe
def one(request: HttpRequest, force: int) -> HttpResponse:
    """Show the board and the figures of a task force, or its figures as a file."""
    return _one(request, _found(force))


def _one(
    request: HttpRequest, force: TaskForce, *, member: MemberForm | None = None,
    end: EndForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    now, mine = counting.to_the_minute(clock.now()), reach(request)
    cases = queries.cases_of(force, mine, now)
    figures = queries.figures_of(force, cases, now)
    weeks = queries.weeks_of(force, cases, now)
    format_ = wanted(request, "xlsx", "csv")
    if format_:
        return table(queries.frame(figures, weeks), force.name, format_)
    board = board_of(mine, queries.asked_of(force), now)
    today, manages = now.date(), MANAGE in access(request)
    problems, kinds = dict(duties_words.problem_types()), dict(duties_words.source_kinds())
    return render(request, "taskforces/one.html.j2", {
        "force": force, "members": list(force.members.select_related("user")),
        "figures": figures, "weeks": weeks, "drawn": weeks_chart(weeks),
        "changes": queries.changes_of(force, cases, now), "hidden": queries.hidden(force, mine),
        "body": render_to_string("cases/board_body.html.j2", {"board": board, "now": now}),
        "problems": [problems.get(c, c) for c in force.problems],
        "kinds": [kinds.get(k, k) for k in force.kinds],
        "places": [t.name for t in force.territories.all()],
        "cases_link": queries.asked_of(force).link, "days": counting.days_of(
            queries.period_of(force, now)),
        "may": manages, "over": force.is_over(today), "member": member or MemberForm(),
        "end": end or EndForm(initial={"last_day": max(today, force.starts)}),
        "files": links(request, "xlsx", "csv"),
    }, status=status)  # fmt: skip


@needs(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set up a task force."""
    form = TaskForceForm(request.POST or None, initial={"starts": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make(of_request(request), _facts(form))
        except DomainError as error:
            form.add_error(_FIELD_OF.get(error.code), error.message)
        else:
            messages.success(request, _("{name} is set up.").format(name=made.name))
            return redirect("taskforces:one", made.pk)
    return _form(request, form, None)


@needs(MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, force: int) -> HttpResponse:
    """Change what is kept of a task force."""
    row = _found(force)
    form = TaskForceForm(request.POST or None, initial=initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            if actions.change(of_request(request), row, _facts(form)):
                messages.success(request, _("Saved."))
        except DomainError as error:
            form.add_error(_FIELD_OF.get(error.code), error.message)
        else:
            return redirect("taskforces:one", force)
    return _form(request, form, _found(force))


@needs(MANAGE)
@require_POST
def end(request: HttpRequest, force: int) -> HttpResponse:
    """End a task force after a day."""
    row, form = _found(force), EndForm(request.POST)
    if form.is_valid():
        try:
            actions.end(of_request(request), row, form.cleaned_data["last_day"])
        except DomainError as error:
            form.add_error("last_day", error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("taskforces:one", force)
    return _one(request, _found(force), end=form, status=400)


@needs(MANAGE)
@require_POST
def put(request: HttpRequest, force: int) -> HttpResponse:
    """Put somebody into a task force, or change what they do in it."""
    row, form = _found(force), MemberForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.put(of_request(request), row, given["user"], given["task"],
                        leads=given["leads"], today=clock.today())  # fmt: skip
        except DomainError as error:
            form.add_error("user", error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("taskforces:one", force)
    return _one(request, row, member=form, status=400)


@needs(MANAGE)
@require_POST
def remove(request: HttpRequest, force: int, pk: int) -> HttpResponse:
    """Take somebody out of a task force."""
    member = Member.objects.select_related("force", "user").filter(force=force, user=pk).first()
    if member is None:
        raise Http404
    actions.remove(of_request(request), member)
    messages.success(request, _("{name} is taken out.").format(name=member.user.name))
    return redirect("taskforces:one", force)


def _form(request: HttpRequest, form: TaskForceForm, force: TaskForce | None) -> HttpResponse:
    status = 400 if request.method == "POST" else 200
    return render(request, "taskforces/form.html.j2", {"form": form, "force": force}, status=status)


def _facts(form: TaskForceForm) -> Facts:
    given = dict(form.cleaned_data)
    return Facts(**{**given, **{n: tuple(given[n]) for n in TaskForceForm.SEVERAL}})


def _found(force: int) -> TaskForce:
    row = TaskForce.objects.filter(pk=force).first()
    if row is None:
        raise Http404(_("There is no such task force."))
    return row
