"""Three months of cases of the simulated county, in every state, played through the actions.

What is seen is in ``problems.toml``, what becomes of it in ``courses.toml``; all is fictional. The
story ends at the moment it is loaded, so that the clocks of the open cases show what a duty room
has before it on an ordinary day; from then on they run, and cases nobody acts on grow late.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from lantian import i18n
from lantian.errors import DomainError
from lantian.i18n import gettext as _
from lantian.web.accounts.models import Appointment, User
from lantian.web.cases.demo.people import People
from lantian.web.cases.demo.playing import Player
from lantian.web.cases.demo.story import in_order, plans
from lantian.web.cases.models import Case
from lantian.web.cases.rules import Resolve, Rules
from lantian.web.cases.standing_rules import rules
from lantian.web.core.air import network
from lantian.web.duties.responsibility import Responsibility
from lantian.web.notifications import actions as notices

_STORY = timedelta(days=180)  # the longest case begins later
_NEWS = timedelta(days=2)  # what people were told earlier, they have read


def load(now: datetime) -> int:
    """Play the story up to ``now``, once, all of it or nothing; return how many cases there are.

    None where an earlier version made the demo: its people began later than the story does.

    Raises
    ------
    DomainError
        ``cases.not_simulated``: fictional cases never stand beside real ones.
    """
    if not settings.HOME.settings.simulated:
        raise DomainError("cases.not_simulated", _("Fictional cases are for simulated homes only."))
    if not Case.objects.exists() and _peopled(now):
        with i18n.speaking("zh"), transaction.atomic():
            _play(now)
    return Case.objects.count()


def _peopled(now: datetime) -> bool:
    """Say whether the people of the demo held their posts when the story begins."""
    return Appointment.objects.filter(
        role="dispatcher", organisation__isnull=False, valid_from__lte=now.date() - _STORY
    ).exists()


def _play(now: datetime) -> None:
    by = _remembering(rules())
    player = Player(by, People.on(now), _("system"))
    news = now - _NEWS
    told = False
    for plan, deed in in_order(plans(by, network(), now)):
        if deed.at > news and not told:
            for user in User.objects.filter(is_active=True):
                notices.read_all(user, None, now=news)
            told = True
        player.play(plan, deed)


def _remembering(by: Rules) -> Rules:
    """Return rules that ask the matrix once for each kind of problem: no post changes meanwhile."""
    known: dict[tuple[object, ...], Responsibility] = {}
    resolve: Resolve = by.resolve

    def remembered(**asked: object) -> Responsibility:
        key = tuple(v for name, v in asked.items() if name != "on")
        if key not in known:
            known[key] = resolve(**asked)  # type: ignore[arg-type]
        return known[key]

    return replace(by, resolve=remembered)
