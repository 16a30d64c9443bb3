"""The rules by which the pages of this home go."""

from __future__ import annotations

from django.conf import settings

from lantian.web.cases.rules import Rules, of_home


def rules() -> Rules:
    """Return the rules in force; the files they come from are read again when they change.

    Raises
    ------
    DomainError
        A file of ``rules/`` in the home cannot be used; it says which.
    """
    return of_home(settings.HOME)
