"""Is a home that is served in order? Its address, its secret, its processes, its backups."""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from lantian.errors import DomainError
from lantian.home import schedule, web_settings
from lantian.home.database_copy import SQLITE
from lantian.home.findings import Finding
from lantian.home.layout import RUN, SECRET, Home
from lantian.home.web_settings import WebSettings
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.supervisor import ChildStatus, Holder, holder, read_status

_LOCAL = frozenset({"localhost", "testserver"})
_SHOWN = 2  # last lines of a program that keeps dying


def findings(home: Home, environ: Mapping[str, str]) -> list[Finding]:
    """Run the checks; none where the home was never served."""
    try:
        web = web_settings.load(home.path, environ)
    except DomainError as error:
        title, fix = _("Settings of the web server"), _("Correct [web] in settings.toml.")
        return [Finding("web.settings", "fail", title, error.message, fix)]
    if not is_served(home, web):
        return []
    return [
        _settings(web),
        _https(home, web),
        _secret(home, environ),
        _running(home),
        _worker(home),
        _schedule(home, environ),
    ]


def is_served(home: Home, web: WebSettings) -> bool:
    """Say whether the home has a database of people, so that it was served or will be."""
    return bool(web.database_url) or (home.path / SQLITE).is_file()


def _settings(web: WebSettings) -> Finding:
    title = _("Settings of the web server")
    kind = "PostgreSQL" if web.database_url else "SQLite"
    text = f"{web.bind}:{web.port}, {kind}"
    return Finding("web.settings", "ok", title, text)


def _https(home: Home, web: WebSettings) -> Finding:
    title = _("HTTPS")
    if web.https and not web.proxies:
        return Finding(
            "web.https",
            "fail",
            title,
            _("https is on, but no proxy is believed: every page would lead to itself for ever."),
            _("Name the address of the reverse proxy under [web] proxies."),
        )
    if web.https:
        through = ", ".join(web.proxies)
        return Finding("web.https", "ok", title, _("by the proxy {name}").format(name=through))
    if _is_private(web):
        return Finding("web.https", "ok", title, _("Only this machine reaches the server."))
    return Finding(
        "web.https",
        "warn" if home.settings.simulated else "fail",
        title,
        _("Others reach the server without encryption; passwords can be read on the way."),
        _("Put a reverse proxy with a certificate before it, then set [web] https = true."),
    )


def _is_private(web: WebSettings) -> bool:
    names = (web.bind, *web.hosts)
    return all(name in _LOCAL or _is_loopback(name) for name in names)


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:  # a name
        return False


def _secret(home: Home, environ: Mapping[str, str]) -> Finding:
    title = _("The secret key")
    if "LANTIAN_SECRET_KEY" in environ:
        return Finding("web.secret", "ok", title, _("from the environment"))
    path = home.path / SECRET
    if not path.exists():
        return Finding("web.secret", "ok", title, _("is made at the next start"))
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(
            "web.secret",
            "fail",
            title,
            _("Other users of this machine can read or change {path} (mode {mode}).").format(
                path=path, mode=f"{mode:04o}"
            ),
            _("Run `chmod 600 {path}`; if others may have read it, delete it instead.").format(
                path=path
            ),
        )
    return Finding("web.secret", "ok", title, _("only its owner can read it"))


def _running(home: Home) -> Finding:
    title = _("The server")
    run = home.path / RUN
    who = holder(run, "serve") or _web_alone(run)
    if who is None:
        return Finding(
            "serve.running",
            "warn",
            title,
            _("It does not run."),
            _("Run `lantian serve`, best under systemd; see deploy/."),
        )
    status = read_status(run / "status.json")
    children = status.children if status is not None and status.pid == who.pid else ()
    failing = [c for c in children if c.state == "failing"]
    if failing:
        return Finding(
            "serve.running",
            "fail",
            title,
            " ".join(_failing(c) for c in failing),
            _("Mend what the lines say; it is started again by itself."),
        )
    again = sum(c.restarts for c in children)
    text = _("runs as process {pid} since {since}").format(pid=who.pid, since=who.since)
    if again:
        text += "; " + ngettext("{n} restart", "{n} restarts", again).format(n=again)
    return Finding("serve.running", "ok", title, text)


def _web_alone(run: Path) -> Holder | None:
    """Return who runs a web server of its own; the name of its lock ends in the port."""
    found = (holder(run, lock.stem) for lock in sorted(run.glob("web-*.lock")))
    return next((who for who in found if who is not None), None)


def _failing(child: ChildStatus) -> str:
    lines = " / ".join(child.last_lines[-_SHOWN:])
    return _("{name} keeps ending ({end}): {lines}").format(
        name=child.name, end=child.ended, lines=lines
    )


def _worker(home: Home) -> Finding:
    title = _("The worker")
    run = home.path / RUN
    who = holder(run, "worker")
    if who is not None:
        text = _("runs as process {pid} since {since}").format(pid=who.pid, since=who.since)
        return Finding("serve.worker", "ok", title, text)
    if holder(run, "serve") is None and _web_alone(run) is None:
        return Finding("serve.worker", "ok", title, _("needed only while the server runs"))
    return Finding(
        "serve.worker",
        "fail",
        title,
        _("The server runs without it: no scheduled backup is made, no message is sent."),
        _("Run `lantian serve worker`, or `lantian serve` for all."),
    )


def _schedule(home: Home, environ: Mapping[str, str]) -> Finding:
    title = _("Scheduled backup")
    try:
        plan = schedule.plan_of(home, environ)
    except DomainError as error:
        fix = _("Correct [backup] in settings.toml.")
        return Finding("backup.schedule", "fail", title, error.message, fix)
    if plan.time is None and home.settings.simulated:
        return Finding("backup.schedule", "ok", title, _("Simulated data need none."))
    if plan.time is None:
        fix = _("Set [backup] at to a time of day in settings.toml.")
        return Finding("backup.schedule", "warn", title, _("none"), fix)
    tried = schedule.last_attempt(home)
    if tried is not None and tried.error:
        fix = _("Mend what the message says; it is tried again every half hour.")
        return Finding("backup.schedule", "fail", title, tried.error, fix)
    folder = schedule.folder_of(home, plan)
    text = _("daily at {at} to {folder}").format(at=plan.at, folder=folder)
    if _same_disk(home.path, folder):
        return Finding(
            "backup.schedule",
            "warn",
            title,
            _("{plan}: the same disk as the home, lost with it").format(plan=text),
            _("Set [backup] folder to one on another disk."),
        )
    return Finding("backup.schedule", "ok", title, text)


def _same_disk(home: Path, folder: Path) -> bool:
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    return os.stat(home).st_dev == os.stat(there).st_dev
