"""What the forms of all apps share."""

from __future__ import annotations

from typing import Any

from django import forms


class Sentences(forms.Form):
    """A form whose fields are made when it is, so that they speak the language of the person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Django's forms take them
        super().__init__(*args, **kwargs)
        self.fields.update(self.fields_of())

    def fields_of(self) -> dict[str, forms.Field]:
        """Return the fields by name."""
        raise NotImplementedError
