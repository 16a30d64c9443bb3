"""What fields and states of sources are called, and the words files use for them."""

from __future__ import annotations

from collections.abc import Mapping

from lantian.i18n import gettext as _
from lantian.observations.readers.table_header import key
from lantian.web.duties.sectors import SECTORS
from lantian.web.sources.kinds import GRADES, KINDS, Kind, Word
from lantian.web.sources.models import Status

ATTRIBUTE, MEASURE = "attributes.", "measures."
# Fields that all kinds have, in the order of a file; with the headers that name them.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "source number", "编号", "污染源编号", "源编号"),
    "kind": ("kind", "类型", "污染源类型", "源类型"),
    "name": ("name", "名称", "污染源名称", "企业名称", "工地名称", "项目名称"),
    "status": ("status", "状态", "运行状态"),
    "territory": ("territory", "辖区", "属地", "所属乡镇", "乡镇"),
    "organisation": ("organisation", "organization", "单位", "所属单位", "责任单位"),
    "sector": ("sector", "行业领域", "领域"),
    "lon": ("lon", "longitude", "lng", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "datum": ("datum", "坐标系"),
    "address": ("address", "地址", "详细地址"),
    "credit_code": (
        "credit_code", "unified social credit code", "credit code", "统一社会信用代码", "信用代码",
    ),
    "permit_number": ("permit_number", "permit number", "排污许可证编号", "许可证编号"),
    "grade": ("grade", "performance grade", "绩效等级", "绩效分级"),
    "working_hours": ("working_hours", "working hours", "生产时间", "作业时间", "工作时间"),
    "stacks": ("stacks", "排气筒"),
    "contacts": ("contacts", "联系人"),
    "approval_number": ("approval_number", "approval number", "批复文号"),
    "approved_on": ("approved_on", "approved on", "批复日期"),
}  # fmt: skip
COLUMNS: Mapping[str, str] = {key(h): f for f, headers in HEADERS.items() for h in headers}


def columns_of(kind: Kind) -> dict[str, str]:
    """Return which field each header names for sources of a kind, by the header's key."""
    found = dict(COLUMNS)
    for words, prefix in ((kind.attributes, ATTRIBUTE), (kind.measures, MEASURE)):
        for word in words:
            field = f"{prefix}{word.code}"
            for text in (field, word.zh, word.en, *((word.code,) if prefix == ATTRIBUTE else ())):
                found.setdefault(key(text), field)
    return found


def label(field: str, kind: Kind | None = None) -> str:
    """Return what a field is called in the language in force."""
    prefix, _dot, code = field.partition(".")
    if kind is not None and code:
        words = kind.attributes if f"{prefix}." == ATTRIBUTE else kind.measures
        found = next((w for w in words if w.code == code), None)
        return field if found is None else found.title
    return _labels().get(field, field)


def _labels() -> dict[str, str]:
    return {
        "number": _("Number"), "kind": _("Kind"), "name": _("Name"), "status": _("Status"),
        "territory": _("Territory"), "organisation": _("Organisation"), "sector": _("Sector"),
        "lon": _("Longitude"), "lat": _("Latitude"), "datum": _("Datum"),
        "boundary": _("Extent"), "address": _("Address"),
        "credit_code": _("Unified social credit code"), "permit_number": _("Permit number"),
        "grade": _("Performance grade"), "working_hours": _("Working hours"),
        "stacks": _("Stacks"), "contacts": _("Contacts"),
        "approval_number": _("Approval number"), "approved_on": _("Approved on"),
    }  # fmt: skip


def header(field: str, kind: Kind) -> str:
    """Return the header of a field in a file, in the language in force; `columns_of` knows it."""
    if field.startswith(ATTRIBUTE):
        found = kind.attribute(field.removeprefix(ATTRIBUTE))
        return field if found is None else found.label
    return label(field, kind)


def status_word(status: str) -> str:
    """Return what a status is called in the language in force."""
    return {
        "planned": _("planned"), "operating": _("operating"), "stopped": _("at a standstill"),
        "closed": _("closed"),
    }.get(status, status)  # fmt: skip


_STATUSES = {
    "planned": ("planned", "拟建", "规划", "待建", "计划"),
    "operating": (
        "operating",
        "正常运行",
        "运行",
        "运行中",
        "在用",
        "正常",
        "生产",
        "在建",
        "在产",
    ),
    "stopped": ("stopped", "停运", "停产", "停工", "停用", "停产停工", "at a standstill"),
    "closed": ("closed", "已关闭", "关闭", "注销", "拆除"),
}
_STATUS_OF = {key(w): s for s, words in _STATUSES.items() for w in words}
YES = frozenset({"是", "有", "yes", "y", "true", "1", "√", "✓", "已"})
NO = frozenset({"否", "无", "no", "n", "false", "0", "×", "x", "未", "没有"})


def find_status(text: str) -> Status | None:
    """Return the status a text names; None: it names none."""
    found = _STATUS_OF.get(key(text))
    return None if found is None else Status(found)


def find_word(text: str, words: Mapping[str, Word]) -> str | None:
    """Return the code of the word a text names, by code or name; None: it names none."""
    wanted = key(text)
    for code, word in words.items():
        if wanted in (key(code), key(word.zh), key(word.en)):
            return code
    return None


def find_kind(text: str) -> Kind | None:
    """Return the kind a text names; None: it names none."""
    found = find_word(text, KINDS)
    return None if found is None else KINDS[found]


def find_grade(text: str) -> str | None:
    """Return the performance grade a text names, ``A`` for ``a级``; None: it names none."""
    plain = text.strip().upper().removesuffix("级").strip()
    return plain if plain in GRADES else find_word(text, GRADES)


def find_sector(text: str) -> str | None:
    """Return the sector a text names; None: it names none."""
    wanted = key(text)
    fits = (c for c, s in SECTORS.items() if wanted in (key(c), key(s.zh), key(s.en)))
    return next(fits, None)
