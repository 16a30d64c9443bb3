"""Checking files and taking them in: in a thread of its own, so that a page can tell how far."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from django.conf import settings
from django.db import connection
from filelock import Timeout

from lantian.errors import BadInputError, DomainError, InvalidArgumentError
from lantian.i18n import gettext as _
from lantian.observations import imports
from lantian.observations.import_report import ImportReport
from lantian.observations.readers import Options
from lantian.observations.schema import Calibre
from lantian.web.air import mappings, uploads
from lantian.web.air.actions import permit
from lantian.web.air.audited import landing
from lantian.web.air.upload_report import document, error_document
from lantian.web.air.uploads import BAD, Upload
from lantian.web.audit.actors import Actor
from lantian.web.core.air import network

_TELL_EVERY = 0.3  # s
_log = logging.getLogger("lantian.web.air")


def check(upload: Upload, wait: float) -> Upload:
    """Start a trial run, wait for it ``wait`` seconds at most, and return how far it is."""
    return _started(upload, "checking", _check, wait)


def take_in(upload: Upload, actor: Actor, *, skip_bad: bool, wait: float) -> Upload:
    """Start to take in just what the check showed; see `check`.

    Parameters
    ----------
    skip_bad
        Leave the bad rows out; without it, bad rows are an error.

    Raises
    ------
    PermissionDenied
    InvalidArgumentError
        ``upload.not_checked``, ``upload.bad_rows``, ``upload.nothing_to_take``.
    """
    permit(actor, "data.change")
    report = upload.report
    if upload.phase != "checked" or report is None:
        raise InvalidArgumentError("upload.not_checked", _("The files were not checked yet."))
    if report["problems_total"] and not skip_bad:
        raise InvalidArgumentError(
            "upload.bad_rows",
            _("There are bad rows. Correct the files, or take the good rows only."),
        )
    if not any(report[n] for n in ("new", "changed", "stations_new", "stations_changed")):
        raise InvalidArgumentError(
            "upload.nothing_to_take", _("There is nothing in the files that could be taken in.")
        )
    chosen = uploads.save(upload, skip=skip_bad, stale=False, error=None)
    return _started(chosen, "landing", lambda u: _land(u, actor), wait)


def resume(upload: Upload, wait: float) -> Upload:
    """Go on with an upload whose process ended: find out whether it landed, else check again."""
    landed = _landed(upload)
    if landed is not None:
        uploads.drop_files(upload)
        return uploads.save(upload, phase="landed", batch=landed)
    return check(uploads.save(upload, phase="uploaded"), wait)


def _started(
    upload: Upload, phase: uploads.Phase, work: Callable[[Upload], Upload], wait: float
) -> Upload:
    if uploads.running(upload):
        return upload
    going = uploads.save(upload, phase=phase)
    context = contextvars.copy_context()  # the language of the person
    thread = threading.Thread(target=context.run, args=(_guarded, going, work), daemon=True)
    run_thread(thread, wait)
    return uploads.find(upload.token)


def run_thread(thread: threading.Thread, wait: float) -> None:
    """Start a thread and wait for it, ``wait`` seconds at most."""
    thread.start()
    thread.join(wait)


def _guarded(upload: Upload, work: Callable[[Upload], Upload]) -> None:
    """Do the work of an upload, alone, and keep how it ended."""
    try:
        with uploads.lock(upload):
            try:
                work(upload)
            except DomainError as error:
                uploads.save(
                    uploads.find(upload.token), phase="failed", error=error_document(error)
                )
            except Exception:  # noqa: BLE001 - whatever it was, the person must be told
                _log.exception("Work on the upload %s failed.", upload.token)
                failed = DomainError(
                    "upload.broken", _("Something went wrong here; it was written to the log.")
                )
                uploads.save(
                    uploads.find(upload.token), phase="failed", error=error_document(failed)
                )
    except Timeout:
        _log.info("Somebody works on the upload %s already.", upload.token)
    finally:
        if threading.current_thread() is not threading.main_thread():
            connection.close()


def _check(upload: Upload) -> Upload:
    report = _run(upload, dry_run=True, list_bad=upload.folder / BAD)
    return uploads.save(
        upload, phase="checked", report=document(report, upload.paths()), error=None
    )


def _land(upload: Upload, actor: Actor) -> Upload:
    seen = upload.report
    if seen is None:
        raise ValueError(f"the upload {upload.token} has not been checked")
    what = {
        "upload": upload.token,
        "files": [{"name": f["name"], "sha256": f["sha256"]} for f in seen["files"]],
        "calibre": upload.choices.calibre,
        "rows": seen["rows"], "new": seen["new"], "changed": seen["changed"],
        "bad": seen["problems_total"] if upload.skip else 0,
    }  # fmt: skip
    names = ", ".join(f["name"] for f in seen["files"])
    started = upload
    try:
        with landing("data.imported", ("upload", upload.token, names), what, actor=actor) as change:
            upload = uploads.save(upload, event=change.event)
            report = _run(
                upload,
                actor=actor.name,
                event=change.event,
                expected=seen["fingerprint"],
                skip_bad=upload.folder / "skipped.csv" if upload.skip else None,
            )
            if report.batch is None and not (report.stations_new or report.stations_changed):
                change.nothing()
    except DomainError as error:
        # another batch came first, or what was good is no longer: show what would happen now
        if error.code == "store.not_as_shown" or isinstance(error, BadInputError):
            return uploads.save(_check(started), stale=True)
        return uploads.save(started, phase="checked", error=error_document(error))
    counts = {"new": report.new, "changed": report.changed, "same": report.same}
    uploads.drop_files(upload)
    return uploads.save(
        upload, phase="landed", batch=report.batch, report={**seen, **counts, "held": report.held}
    )


def _run(upload: Upload, *, actor: str = "", **how: Any) -> ImportReport:  # noqa: ANN401 - of run
    choices = upload.choices
    home = settings.HOME
    zone = choices.zone or home.zone
    last = 0.0

    def progress(task: str, done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last > _TELL_EVERY or done == total:
            last = now
            uploads.tell(upload, task, done, total)

    options = Options(
        zone=zone, station=choices.station or None, known=mappings.known(), period=choices.period
    )
    report = imports.run(
        upload.paths(), home.store,
        calibre=cast(Calibre, choices.calibre), actor=actor, options=options,
        network=choices.network or None, datum=choices.datum or None, zone=zone,
        accept=choices.accept, clock=network().now, progress=progress,
        thresholds=home.thresholds(), **how,
    )  # fmt: skip
    return replace(report, ignored=())


def _landed(upload: Upload) -> int | None:
    """Return the batch an upload landed as before its process ended, if it did."""
    if upload.phase != "landing" or upload.event is None:
        return None
    mine = settings.HOME.store.batches().filter(event=upload.event)
    return None if mine.is_empty() else int(mine["batch"][0])


def progress_of(upload: Upload) -> Mapping[str, Any]:
    """Return how far the work is: ``task``, ``done``, ``total``, ``percent``."""
    told = uploads.told(upload)
    share = round(100 * told["done"] / told["total"]) if told["total"] else 0
    return {**told, "percent": share}
