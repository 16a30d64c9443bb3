"""What sectors, kinds and conditions are called, and the words files use for them."""

from __future__ import annotations

from django.conf import settings

from lantian.i18n import gettext as _
from lantian.i18n import speaking
from lantian.web.accounts.roles import ROLES
from lantian.web.cases.catalogue import in_force
from lantian.web.cases.catalogue_versions import versions
from lantian.web.core import clock
from lantian.web.duties.models import GridRole, Kind
from lantian.web.duties.sectors import SECTORS
from lantian.web.sources.kinds import KINDS as SOURCE_KINDS

_KIND_ALIASES: dict[str, Kind] = {
    "攻坚办": Kind.OFFICE, "办公室": Kind.OFFICE, "指挥部": Kind.OFFICE, "政府": Kind.OFFICE,
    "局": Kind.DEPARTMENT, "职能部门": Kind.DEPARTMENT,
    "乡": Kind.TOWN, "镇": Kind.TOWN, "街道": Kind.TOWN, "乡镇街道": Kind.TOWN,
    "公司": Kind.ENTERPRISE, "督查": Kind.SUPERVISION, "监督": Kind.SUPERVISION,
}  # fmt: skip


def kinds() -> list[tuple[str, str]]:
    """Return code and name of each kind of organisation, in the language in force."""
    return [
        ("office", _("leading office")), ("department", _("department")),
        ("town", _("town or street")), ("enterprise", _("enterprise")),
        ("supervision", _("supervision and discipline")), ("other", _("other")),
    ]  # fmt: skip


def kind_word(kind: str) -> str:
    """Return what a kind of organisation is called."""
    return dict(kinds())[kind]


def find_kind(text: str) -> Kind | None:
    """Return the kind of organisation a text names, in either language; None: none."""
    plain = text.strip().lower()
    named: dict[str, Kind] = {}
    for language in ("zh", "en"):
        with speaking(language):  # type: ignore[arg-type]  # of the two
            named |= {title.lower(): Kind(code) for code, title in kinds()}
    if plain in Kind.values:
        return Kind(plain)
    return named.get(plain) or _KIND_ALIASES.get(plain)


def sectors() -> list[tuple[str, str]]:
    """Return code and name of each sector, in the language in force."""
    return [(s.code, s.title) for s in SECTORS.values()]


def source_kinds() -> list[tuple[str, str]]:
    """Return code and name of each kind of source, in the language in force."""
    return [(k.code, k.title) for k in SOURCE_KINDS.values()]


def problem_types() -> list[tuple[str, str]]:
    """Return code and name of each problem type of the catalogue in force."""
    catalogue = in_force(versions(settings.HOME.path), clock.today())
    return [(p.code, p.title) for p in catalogue.types.values()]


def grid_roles() -> list[tuple[str, str]]:
    """Return code and name of each role that can be the duty on the ground."""
    return [(code, ROLES[code].title) for code in GridRole.values if code]


def role_words() -> dict[str, str]:
    """Return the names of all roles by code."""
    return {code: role.title for code, role in ROLES.items()}


def sector_word(code: str) -> str:
    """Return the name of a sector; of none, the word for any."""
    return SECTORS[code].title if code else _("any")


def source_kind_word(code: str) -> str:
    """Return the name of a kind of source; of none, the word for any."""
    return _named(code, source_kinds())


def problem_type_word(code: str) -> str:
    """Return the name of a problem type; of none, the word for any."""
    return _named(code, problem_types())


def _named(code: str, names: list[tuple[str, str]]) -> str:
    """Return a name; the bare code for one that the data no longer has."""
    return dict(names).get(code, code) if code else _("any")
