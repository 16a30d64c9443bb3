"""What accounts need done in the background or by the clock."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from huey import crontab

from lantian import i18n
from lantian.i18n import gettext as _
from lantian.web.accounts import sessions
from lantian.web.accounts.actions import log_strangers
from lantian.web.accounts.backend import find
from lantian.web.accounts.models import OneTimeCode
from lantian.web.audit.chain import record
from lantian.web.core.jobs import queue

# A person is written to at most this often, however often it is asked for.
_AGAIN = timedelta(minutes=5)
_KEPT = timedelta(days=30)


@queue.task(retries=3, retry_delay=60)
def mail_reset(identifier: str, root: str) -> None:
    """Write to the person of a name or phone number how to set a new password.

    Whether there is such a person is only looked up here, so that the page that asks takes the same
    time for everybody.

    Parameters
    ----------
    root
        Address of the site as the person reached it.
    """
    user = find(identifier)
    if user is None or not user.is_active or not user.email:
        return
    now = timezone.now()
    if user.reset_sent_at is not None and now - user.reset_sent_at < _AGAIN:
        return
    who = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("accounts:reset", args=(who, default_token_generator.make_token(user)))
    i18n.activate("en" if (user.language or settings.WEB.language) == "en" else "zh")
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    send_mail(
        _("Lantian: set a new password"),
        _(
            "Somebody, probably you, asked for a new password for {name}.\n\n"
            "Set it here within {hours} hours:\n{link}\n\n"
            "If it was not you, do nothing: your password stays as it is."
        ).format(name=user.name, hours=hours, link=urljoin(root, path)),
        settings.DEFAULT_FROM_EMAIL,
        [user.email],
    )
    user.reset_sent_at = now
    with transaction.atomic():
        user.save(update_fields=["reset_sent_at"])
        record("accounts.reset_mailed", user, actor=_("system"))


@queue.periodic_task(crontab(minute="40", hour="18"))
def forget() -> None:
    """Delete what has run out: sessions, codes, counted failures."""
    sessions.clear()
    log_strangers()
    old = timezone.now() - _KEPT
    OneTimeCode.objects.filter(expires_at__lt=old).delete()
    AccessAttempt.objects.filter(attempt_time__lt=old).delete()
    AccessLog.objects.filter(attempt_time__lt=old).delete()
