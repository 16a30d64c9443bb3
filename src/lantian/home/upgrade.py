"""From the layout of an earlier version to this one, a backup first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from lantian.errors import DomainError
from lantian.home import settings_file
from lantian.home.backup import Backup, backup
from lantian.home.settings_file import SCHEMA
from lantian.i18n import gettext as _
from lantian.observations.layout import Clock, utc_now
from lantian.progress import Progress, silent


class Migration(Protocol):
    """Changes a home from one version of the layout to the next.

    It may be run again after it was cut off in the middle, and must then finish the work.
    """

    def __call__(self, home: Path, progress: Progress) -> None:
        """Do it; raise when it cannot be done."""


# Version → what leads from it to the next.
MIGRATIONS: Mapping[int, Migration] = {}


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What was done: versions before and after, the steps, and the backup made first."""

    before: int
    after: int
    steps: Sequence[int]
    backup: Backup | None

    def message(self) -> str:
        """Say it in a sentence."""
        if not self.steps:
            return _("The home is up to date (layout {version}); nothing was to be done.").format(
                version=self.after
            )
        return _("The home was brought from layout {before} to {after}.").format(
            before=self.before, after=self.after
        )


def upgrade(
    home: Path,
    *,
    actor: str,
    clock: Clock = utc_now,
    progress: Progress = silent,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    target: int = SCHEMA,
) -> Upgrade:
    """Bring a home to the layout of this version; nothing is done when it has it already.

    Each step notes its version when it is done, so that an upgrade that was cut off goes on where
    it stopped.

    Parameters
    ----------
    migrations, target
        The steps there are and the version to reach.

    Raises
    ------
    DomainError
        ``home.not_initialised``, ``home.too_new``, ``upgrade.no_way`` when a step is missing, or
        ``upgrade.failed``, which names the backup to go back to.
    """
    settings = settings_file.read(home)
    before = settings.schema
    steps = list(range(before, target))
    missing = [s for s in steps if s not in migrations]
    if missing:
        raise DomainError(
            "upgrade.no_way",
            _(
                "This version of Lantian cannot upgrade a home of layout {before}. Upgrade it with "
                "an earlier version first."
            ).format(before=before),
            {"schema": before, "missing": missing},
        )
    if not steps:
        return Upgrade(before, before, (), None)
    saved = backup(home, actor=actor, clock=clock, progress=progress)
    for done, step in enumerate(steps):
        progress(_("Upgrading"), done, len(steps))
        try:
            migrations[step](home, progress)
        except Exception as error:
            raise DomainError(
                "upgrade.failed",
                _(
                    "The upgrade from layout {step} failed: {reason}. The state before it is in "
                    "{backup}; restore it into an empty folder, or run the upgrade again."
                ).format(step=step, reason=error, backup=saved.path),
                {"step": step, "backup": str(saved.path)},
            ) from error
        settings = replace(settings, schema=step + 1)
        settings_file.write(home, settings)
    progress(_("Upgrading"), len(steps), len(steps))
    return Upgrade(before, target, tuple(steps), saved)
