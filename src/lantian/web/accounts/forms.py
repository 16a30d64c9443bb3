"""The forms of signing in and of people. What is allowed is decided by the actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import lazy

from lantian.i18n import gettext
from lantian.web.accounts.names import NAME_LENGTH
from lantian.web.accounts.roles import ROLES
from lantian.web.duties.models import Organisation
from lantian.web.duties.sectors import SECTORS
from lantian.web.places.models import Territory

_ = lazy(gettext, str)
_LONGEST = 1024  # characters of a password; hashing more would let anybody keep the machine busy


def _password(label: Any, complete: str, **more: Any) -> forms.CharField:  # noqa: ANN401
    widget = forms.PasswordInput(attrs={"autocomplete": complete})
    return forms.CharField(label=label, strip=False, max_length=_LONGEST, widget=widget, **more)


def _name(**attrs: str) -> forms.CharField:
    return forms.CharField(
        label=_("Name or phone number"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", **attrs}
        ),
    )


class Form(forms.Form):
    """A form without Django's colon, whose errors an action can add to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class SignInForm(Form):
    """Name and password."""

    username = _name()
    password = _password(_("Password"), "current-password")


class CodeForm(Form):
    """The one-time password of the app, or a recovery code."""

    code = forms.CharField(
        label=_("One-time password"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}
        ),
    )


class PasswordForm(Form):
    """The own password, to be sure who sits there."""

    password = _password(_("Current password"), "current-password")


class _NewPassword(Form):
    """A new password, twice."""

    new_password = _password(
        _("New password"),
        "new-password",
        help_text=_("At least 10 characters, not only digits, nothing anybody would guess."),
    )
    new_password_again = _password(_("New password, again"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        given = super().clean() or self.cleaned_data
        first, second = given.get("new_password"), given.get("new_password_again")
        if first is not None and second is not None and first != second:
            self.add_error("new_password_again", gettext("The two new passwords differ."))
        return given


class ChangePasswordForm(_NewPassword):
    """The current and the new password."""

    password = _password(_("Current password"), "current-password")
    field_order = ("password", "new_password", "new_password_again")


class RedeemForm(_NewPassword):
    """Name, one-time code and new password."""

    username = _name()
    code = forms.CharField(
        label=_("One-time code"),
        max_length=40,
        help_text=_(
            "Twelve letters and digits that the administrator gave you; valid for 24 hours."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    field_order = ("username", "code", "new_password", "new_password_again")


class ResetForm(_NewPassword):
    """A new password, after the link of an e-mail."""


class ForgotForm(Form):
    """Who asks for an e-mail."""

    username = _name()


class PersonForm(Form):
    """Who a person is."""

    name = forms.CharField(
        label=_("Full name"), max_length=NAME_LENGTH, help_text=_("Of the person, or of the post.")
    )
    phone = forms.CharField(label=_("Phone number"), max_length=30, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    organisation = forms.CharField(label=_("Organisation"), max_length=120, required=False)


class ReachForm(Form):
    """How one can be reached and spoken to."""

    phone = forms.CharField(
        label=_("Phone number"), max_length=30, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "email", "inputmode": "email"}),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", gettext("as the site")), ("zh", "中文"), ("en", "English"),
        ]  # fmt: skip


def _day(label: Any, **more: Any) -> forms.DateField:  # noqa: ANN401
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


class PostForm(Form):
    """A post to be given."""

    role = forms.ChoiceField(label=_("Role"))
    territory = forms.ModelChoiceField(
        label=_("Territory"), queryset=Territory.objects.order_by("code"), required=False
    )
    organisation = forms.ModelChoiceField(
        label=_("Unit of the post"), required=False,
        queryset=Organisation.objects.filter(valid_to=None).order_by("code"),
    )  # fmt: skip
    sector = forms.ChoiceField(label=_("Sector"), required=False)
    valid_from = _day(_("From"))
    valid_to = _day(_("Last day"), required=False, help_text=_("Empty: without an end."))

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        today: date,
        optional: bool = False,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, initial={"valid_from": today}, **kwargs)
        self.fields["role"].required = self.fields["valid_from"].required = not optional
        self.today = today
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((r.id, r.title) for r in ROLES.values()),
        ]
        self.fields["territory"].empty_label = gettext("whole network")  # type: ignore[attr-defined]
        self.fields["organisation"].empty_label = gettext("not said")  # type: ignore[attr-defined]
        self.fields["sector"].choices = [  # type: ignore[attr-defined]
            ("", gettext("any")),
            *((s.code, s.title) for s in SECTORS.values()),
        ]

    def clean_valid_from(self) -> date:
        """Return the first day; an optional post that names none begins today."""
        return self.cleaned_data["valid_from"] or self.today


class DeputyForm(Form):
    """Who stands in, and when."""

    deputy = forms.TypedChoiceField(label=_("Who stands in"), coerce=int)
    first = _day(_("From"))
    last = _day(_("Last day"))

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        people: Sequence[tuple[int, str]],
        today: date,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*args, initial={"first": today, "last": today}, **kwargs)
        self.fields["deputy"].choices = [("", "—"), *people]  # type: ignore[attr-defined]


class TokenForm(Form):
    """A token to be made."""

    name = forms.CharField(label=_("What it is for"), max_length=80)
    days = forms.TypedChoiceField(label=_("Works for"), coerce=int, initial=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (n, gettext("{n} days").format(n=n)) for n in (7, 30, 90, 180, 366)
        ]


class ImportForm(Form):
    """A file of people."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or Excel. Columns: name, phone, email, organisation, role, territory, unit, "
            "sector, from, to. Somebody of an enterprise needs the unit: its name or number."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.xls,.ods"}),
    )
