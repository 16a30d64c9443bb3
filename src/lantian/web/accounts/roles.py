"""The roles: what each may do, how far it sees, where its day starts. Data: ``roles.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from lantian.i18n import active

ADMINISTRATOR = "administrator"
Reach = Literal["none", "territory", "network"]
_FILE = Path(__file__).with_name("roles.toml")


@dataclass(frozen=True)
class Role:
    """One role.

    Parameters
    ----------
    may
        Capabilities, as views declare them with :func:`~lantian.web.accounts.access.needs`.
    reach
        Which stations it sees.
    start
        Name of the page it lands on.
    second_factor
        Whether a one-time password is required of it.
    """

    id: str
    zh: str
    en: str
    may: frozenset[str]
    reach: Reach
    start: str
    second_factor: bool

    @property
    def title(self) -> str:
        """Return its name in the language in force."""
        return self.zh if active() == "zh" else self.en


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        name: Role(id=name, **{**row, "may": frozenset(row["may"])})
        for name, row in tomllib.loads(_FILE.read_text(encoding="utf-8")).items()
    }
)
CAPABILITIES = frozenset().union(*(r.may for r in ROLES.values()))
