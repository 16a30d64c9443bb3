"""Is all the evidence there, and what it was? For the doctor."""

from __future__ import annotations

from pathlib import Path

from lantian.home.findings import Finding
from lantian.home.layout import EVIDENCE, Home
from lantian.i18n import gettext as _
from lantian.i18n import ngettext
from lantian.web.evidence.folder import sound
from lantian.web.evidence.limits import AT_ONCE, LIMITS

_SHOWN = 3  # files that are named
_MEGABYTE = 1024**2


def findings(home: Home) -> list[Finding]:
    """Look that every file is there with its size, and that the newest hold what they did."""
    from lantian.web.evidence.models import File

    title = _("Evidence")
    rows = list(File.objects.order_by("-at", "-id").values_list("sha256", "size"))
    missing, read, changed, left = [], 0, [], LIMITS.doctor_mb * _MEGABYTE
    for sha256, size in rows:
        path: Path = home.path / EVIDENCE / sha256[:2] / sha256
        if not path.is_file() or path.stat().st_size != size:
            missing.append(sha256)
        elif size <= left:
            read, left = read + 1, left - size
            if not sound(path):
                changed.append(sha256)
    if missing or changed:
        text = _("{missing} files are missing or cut short, {changed} changed: {names}").format(
            missing=len(missing), changed=len(changed),
            names=", ".join(s[:12] for s in (missing + changed)[:_SHOWN]),
        )  # fmt: skip
        fix = _("Bring the files back from a backup, and find out who had access.")
        return [Finding("evidence.files", "fail", title, text, fix), _looked_at()]
    text = ngettext("{n} file is there", "{n} files are there", len(rows)).format(
        n=f"{len(rows):,}"
    )
    more = _("the newest {n} hold what they held").format(n=f"{read:,}")
    text = f"{text}; {more}" if rows else text
    return [Finding("evidence.files", "ok", title, text), _looked_at()]


def _looked_at() -> Finding:
    """Say how far the comparison of photographs has come."""
    from lantian.web.evidence.likes import waiting
    from lantian.web.evidence.models import PICTURES, File

    title = _("Comparison of photographs")
    all_of_them, left = File.objects.filter(kind__in=PICTURES).count(), waiting()
    text = _("{done} of {all} pictures are compared with the others").format(
        done=f"{all_of_them - left:,}", all=f"{all_of_them:,}"
    )
    if not left:
        return Finding("evidence.compared", "ok", title, text)
    fix = _("Let the jobs run (`lantian serve worker`): they look at {n} a minute.")
    fix = fix.format(n=AT_ONCE)
    return Finding("evidence.compared", "warn", title, text, fix)
