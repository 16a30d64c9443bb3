"""Is the web of a home in order? What the doctor cannot see without Django."""

from __future__ import annotations

from lantian.errors import DomainError
from lantian.home.findings import Finding
from lantian.home.layout import Home
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.core import setup

# What [web] https switches on; whether it should be on is the check web.https.
_OF_HTTPS = frozenset({"security.W004", "security.W008", "security.W012", "security.W016"})


def pending(home: Home) -> list[str]:
    """Return the steps that would bring the database to this version: ``app.0002_name``.

    Raises
    ------
    django.db.Error
        The database cannot be reached.
    """
    setup.ready(home)
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{step.app_label}.{step.name}" for step, _backwards in plan]


def findings(home: Home) -> list[Finding]:
    """Check database, audit log and deployment settings of a home that is served."""
    setup.ready(home)
    from django.db import Error

    from lantian.web.cases import case_data
    from lantian.web.evidence import evidence_files

    title = _("The database of people and cases")
    try:
        steps = pending(home)
    except Error as error:
        reason = str(error).strip().splitlines()
        text = _("It cannot be reached: {reason}.").format(reason=reason[0] if reason else "?")
        fix = _("Start the database server, or correct [web] database_url.")
        return [Finding("database.reachable", "fail", title, text, fix), _deployed(home)]
    found = [Finding("database.reachable", "ok", title, _vendor())]
    title = _("Version of the database")
    if steps:
        text = ngettext("{n} step is missing", "{n} steps are missing", len(steps)).format(
            n=len(steps)
        )
        fix = _("Run `lantian upgrade`; it makes a backup first.")
        return [*found, Finding("database.current", "fail", title, text, fix), _deployed(home)]
    found.append(Finding("database.current", "ok", title, _("up to date")))
    return [
        *found,
        _chain(home),
        _reconciled(),
        *case_data.findings(home),
        *evidence_files.findings(home),
        _deployed(home),
    ]


def _vendor() -> str:
    from django.db import connection

    return connection.display_name


def _chain(home: Home) -> Finding:
    from lantian.web.audit import anchors
    from lantian.web.audit.verify import verify

    title = _("The audit log")
    fix = _("Keep the server as it is and find out who had access; a backup shows what it was.")
    path = anchors.path_of(home)
    try:
        verdict = verify(anchors.read(path) if path.is_file() else ())
    except DomainError as error:
        return Finding("audit.chain", "fail", title, error.message, fix)
    if verdict.fault is not None:
        return Finding("audit.chain", "fail", title, str(verdict.fault.message), fix)
    text = ngettext("{n} event, unbroken", "{n} events, unbroken", verdict.events).format(
        n=f"{verdict.events:,}"
    )
    vouched = _("vouched for outside up to {n}").format(n=f"{verdict.anchored:,}")
    return Finding("audit.chain", "ok", title, f"{text}; {vouched}" if verdict.anchored else text)


def _reconciled() -> Finding:
    from lantian.web.air.reconcile import compare

    title = _("Changes of data and their events")
    found = compare()
    if not found.not_landed and not found.unlogged:
        return Finding("audit.reconciled", "ok", title, _("they agree"))
    parts = []
    if found.not_landed:
        numbers = ", ".join(map(str, found.not_landed[:10]))
        parts.append(_("events nothing came of: {numbers}").format(numbers=numbers))
    if found.unlogged:
        names = ", ".join(found.unlogged[:10])
        parts.append(_("changes whose event is missing: {names}").format(names=names))
    fix = _(
        "Start the server once: it notes in the log what did not come about. A missing event means "
        "that the database is older than the store, or was changed: compare with a backup."
    )
    return Finding(
        "audit.reconciled", "fail" if found.unlogged else "warn", title, "; ".join(parts), fix
    )


def _deployed(home: Home) -> Finding:
    from django.conf import settings

    title = _("Deployment check of Django")
    found = [f for f in setup.deploy_findings(home) if f[0] not in _OF_HTTPS or settings.WEB.https]
    if not found:
        return Finding("web.deploy", "ok", title, _("nothing found"))
    text = "; ".join(f"{name}: {text}" for name, _level, text, _fix in found)
    fix = "; ".join(dict.fromkeys(fix for _id, _level, _text, fix in found if fix))
    return Finding(
        "web.deploy",
        "fail" if any(level == "fail" for _id, level, _text, _fix in found) else "warn",
        title,
        text,
        fix or _("See the documentation of Django under these names."),
    )
