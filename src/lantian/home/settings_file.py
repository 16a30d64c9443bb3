"""The file ``settings.toml`` of a home: read, checked, and written whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.observations.files import write_atomically
from lantian.observations.layout import aware, check_zone

FILE = "settings.toml"
# Raised by every release that changes what lies where in a home; `upgrade` has a step for each.
SCHEMA = 1
EVALUATION = "evaluation"

Scalar = bool | int | float | str


@dataclass(frozen=True)
class HomeSettings:
    """What a home says of itself.

    Parameters
    ----------
    name
        Of the network, as shown on pages and reports.
    zone
        IANA time zone whose days are evaluated.
    created
        When the home was made [UTC].
    schema
        Version of the layout of the folder.
    simulated
        The measurements are those of the simulated county.
    evaluation
        Choices of evaluation that differ from the defaults, by name; what they mean and may be is
        known to ``standards.settings``.
    """

    name: str
    zone: str
    created: datetime
    schema: int = SCHEMA
    simulated: bool = False
    evaluation: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_zone(self.zone)
        object.__setattr__(self, "created", aware(self.created))
        object.__setattr__(self, "evaluation", MappingProxyType(dict(self.evaluation)))


def read(folder: Path) -> HomeSettings:
    """Return the settings of the home at ``folder``, whatever the version of its layout.

    Raises
    ------
    DomainError
        ``home.not_initialised``, ``home.settings_unreadable`` or ``home.too_new``.
    """
    path = folder / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if (folder / "store").is_dir():
            raise DomainError(
                "home.settings_lost",
                _(
                    "{path} holds measurements and no settings.toml. Put the file back from a "
                    "backup; nothing else is lost."
                ).format(path=folder),
                {"path": str(folder)},
            ) from error
        raise DomainError(
            "home.not_initialised",
            _(
                "There is no Lantian home at {path}. Make one with `lantian init`, or name "
                "another folder in LANTIAN_HOME."
            ).format(path=folder),
            {"path": str(folder)},
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    about = table.get("home")
    if not isinstance(about, dict):
        raise _unreadable(path, _("it has no table [home]"))
    schema = about.get("schema")
    if not isinstance(schema, int) or isinstance(schema, bool):
        raise _unreadable(path, _("home.schema is not a whole number"))
    if schema > SCHEMA:
        raise DomainError(
            "home.too_new",
            _(
                "The home at {path} was made by a later version of Lantian (layout {found}; this "
                "program knows {known}). Update Lantian."
            ).format(path=folder, found=schema, known=SCHEMA),
            {"path": str(folder), "schema": schema, "known": SCHEMA},
        )
    return _checked(path, about, table.get(EVALUATION, {}))


def write(folder: Path, settings: HomeSettings) -> None:
    """Write the settings, wholly or not at all; what else the file says stays as it is."""
    path = folder / FILE
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise _unreadable(path, str(error)) from error
    about = document.setdefault("home", tomlkit.table())
    about["schema"] = settings.schema
    about["name"] = settings.name
    about["zone"] = settings.zone
    about["created"] = settings.created
    about["simulated"] = settings.simulated
    if EVALUATION not in document:
        document.add(tomlkit.nl())
        document.add(tomlkit.comment("Choices of evaluation that differ from the defaults."))
        document.add(EVALUATION, tomlkit.table())
    chosen: Any = document[EVALUATION]
    for name in set(chosen) - set(settings.evaluation):
        del chosen[name]
    for name, value in sorted(settings.evaluation.items()):
        chosen[name] = value
    write_atomically(path, tomlkit.dumps(document).encode())


def _checked(path: Path, about: Mapping[str, Any], evaluation: object) -> HomeSettings:
    kinds = {"name": str, "zone": str, "created": datetime}
    for name, kind in kinds.items():
        if not isinstance(about.get(name), kind):
            raise _unreadable(path, _("home.{name} is missing or wrong").format(name=name))
    simulated = about.get("simulated", False)
    if not isinstance(simulated, bool):
        raise _unreadable(path, _("home.{name} is missing or wrong").format(name="simulated"))
    if not isinstance(evaluation, dict) or not all(
        isinstance(v, bool | int | float | str) for v in evaluation.values()
    ):
        raise _unreadable(path, _("[evaluation] holds something that is no plain value"))
    created: datetime = about["created"]
    return HomeSettings(
        name=about["name"],
        zone=about["zone"],
        created=created if created.tzinfo else created.replace(tzinfo=UTC),
        schema=about["schema"],
        simulated=simulated,
        evaluation=evaluation,
    )


def _unreadable(path: Path, reason: str) -> DomainError:
    return DomainError(
        "home.settings_unreadable",
        _("The settings {path} cannot be used: {reason}. Correct the file.").format(
            path=path, reason=reason
        ),
        {"path": str(path)},
    )
