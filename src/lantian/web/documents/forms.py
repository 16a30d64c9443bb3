"""The forms of documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from lantian.i18n import gettext as _
from lantian.web.core.forms import Sentences
from lantian.web.documents import office
from lantian.web.documents.actions import LONGEST, of_home
from lantian.web.documents.kinds import Kind, kinds
from lantian.web.documents.office import PATTERN, WORDS, Office

_ROWS = 6


class AskForm(Sentences):
    """What is typed for a document of a kind."""

    def __init__(self, kind: Kind, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django
        self.kind = kind
        super().__init__(*args, **kwargs)

    def fields_of(self) -> dict[str, forms.Field]:
        """Return a field for each ask of the kind."""
        made: dict[str, forms.Field] = {}
        language = of_home().language
        for ask in self.kind.asks:
            widget: forms.Widget = forms.TextInput()
            if ask.kind == "text":
                widget = forms.Textarea(attrs={"rows": _ROWS, "lang": language})
            elif ask.kind == "moment":
                widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
            made[ask.code] = forms.CharField(
                label=ask.title, required=ask.required, max_length=LONGEST[ask.kind], widget=widget
            )
        return made


class OfficeForm(Sentences):
    """Letterhead, who signs, language; and of each kind its numbers and its words."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name; those of a kind as ``<kind>-<name>``."""
        language = of_home().language
        made: dict[str, forms.Field] = {
            "letterhead": forms.CharField(label=_("Letterhead"), max_length=80),
            "signed": forms.CharField(label=_("Unit that signs"), max_length=80),
            "language": forms.ChoiceField(
                label=_("Language of documents"), choices=[("zh", "中文"), ("en", "English")]
            ),
        }
        for code in kinds():
            made[f"{code}-mark"] = forms.CharField(label=_("Numbers begin with"), max_length=20)
            made[f"{code}-pattern"] = forms.CharField(label=_("Pattern of numbers"), max_length=60)
            for name, label in (("opening", _("Opening")), ("closing", _("Closing"))):
                made[f"{code}-{name}"] = forms.CharField(
                    label=label, required=False, max_length=1000,
                    widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
                )  # fmt: skip
        return made

    def of_kinds(self) -> list[tuple[Kind, list[Any]]]:
        """Return each kind with its fields."""
        names = ("mark", "pattern", *WORDS)
        return [(k, [self[f"{code}-{name}"] for name in names]) for code, k in kinds().items()]


def initial(now: Office) -> dict[str, str]:
    """Return what the form of an office is filled in with."""
    told = {"letterhead": now.letterhead, "signed": now.signed, "language": now.language}
    for code, kind in kinds().items():
        told |= {f"{code}-mark": now.mark(kind), f"{code}-pattern": now.pattern(kind)}
        told |= {f"{code}-{name}": now.words(kind, name) for name in WORDS}
    return told


def office_of(given: Mapping[str, Any]) -> Office:
    """Return the choices of a form; what is as shipped is not kept as the office's own."""
    own: dict[str, dict[str, str]] = {}
    for code, kind in kinds().items():
        shipped = {"mark": kind.mark, "pattern": PATTERN}
        shipped |= {name: str(kind.say(name, given["language"])) for name in WORDS}
        typed = {n: " ".join(str(given[f"{code}-{n}"]).split()) for n in shipped}
        other = {n: text for n, text in typed.items() if text != shipped[n]}
        if other:
            own[code] = other
    return office.Office(given["letterhead"], given["signed"], given["language"], own)


class TemplateForm(Sentences):
    """A template that is sent in."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the one field."""
        accept = forms.ClearableFileInput(attrs={"accept": ".docx"})
        return {"template": forms.FileField(label=_("Template (DOCX)"), widget=accept)}


class VoidForm(Sentences):
    """Why a document is void."""

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the one field."""
        return {"reason": forms.CharField(label=_("Reason"), max_length=1000,
                                          widget=forms.Textarea(attrs={"rows": 3}))}  # fmt: skip
