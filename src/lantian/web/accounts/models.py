"""People, the posts they hold, and what they sign in with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.lookups import Exact
from django.utils import timezone

from lantian.web.accounts import names
from lantian.web.accounts.roles import ROLES
from lantian.web.duties.sectors import SECTORS


def _only(field: str, signs: str) -> models.Q:
    """Return the condition that a text has no other characters than ``signs``."""
    left = models.Func(
        models.F(field), models.Value(signs), function="LTRIM", output_field=models.CharField()
    )
    return models.Q(Exact(left, models.Value("")))


class UserManager(BaseUserManager["User"]):
    """Makes people and finds them."""

    def create_user(self, name: str, password: str | None = None, **others: Any) -> User:  # noqa: ANN401
        """Make a person; without a password they cannot sign in until one is set."""
        user = self.model(name=name.strip(), **others)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person of a name or a phone number, however the number is written.

        No name looks like a phone number (:mod:`~lantian.web.accounts.names` and a constraint), so
        that a text fits one person at most.
        """
        text = " ".join((username or "").split())
        number = names.as_phone(text)
        by_phone = models.Q(phone=number) if number else models.Q()
        return self.get(models.Q(name=text) | by_phone)


class User(AbstractBaseUser):
    """Somebody who signs in, by name or phone number."""

    name = models.CharField(max_length=names.NAME_LENGTH, unique=True)
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)
    email = models.EmailField(blank=True)
    organisation = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=2, blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    reset_sent_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(name=""), name="user_has_a_name"),
            models.CheckConstraint(
                condition=~_only("name", names.PHONE_SIGNS), name="user_name_is_no_phone"
            ),
            models.CheckConstraint(
                condition=models.Q(phone__isnull=True) | ~models.Q(phone=""),
                name="user_phone_null_or_given",
            ),
            models.CheckConstraint(
                condition=models.Q(phone__isnull=True) | _only("phone", "+0123456789"),
                name="user_phone_of_digits",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """A post: a person holds a role for a territory (none: the whole network) from day to day.

    ``organisation`` is the unit the post belongs to, ``sector`` the one it is for (empty: any). A
    deputy's post names the one it stands in for, has all of these from it, and ends by a date.
    A post is never changed but ended; another one follows it.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=32)
    territory = models.ForeignKey(
        "places.Territory", null=True, blank=True, on_delete=models.PROTECT,
        related_name="appointments",
    )  # fmt: skip
    organisation = models.ForeignKey(
        "duties.Organisation", null=True, blank=True, on_delete=models.PROTECT,
        related_name="appointments",
    )  # fmt: skip
    sector = models.CharField(max_length=16, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    deputy_for = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="deputies"
    )

    class Meta:
        ordering = ("user", "role", "valid_from")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(ROLES)), name="appointment_role_known"
            ),
            models.CheckConstraint(
                condition=models.Q(sector__in=["", *sorted(SECTORS)]),
                name="appointment_sector_known",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="appointment_not_reversed",
            ),
            models.CheckConstraint(
                condition=models.Q(deputy_for__isnull=True) | models.Q(valid_to__isnull=False),
                name="appointment_deputy_ends",
            ),
            models.CheckConstraint(
                condition=models.Q(deputy_for__isnull=True) | ~models.Q(deputy_for=models.F("id")),
                name="appointment_not_its_own_deputy",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class SignIn(models.Model):
    """A session of a person: where it was begun and when it was last seen."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ("-seen_at",)

    def __str__(self) -> str:
        return f"{self.user}: {self.device}"


class Stranger(models.Model):
    """An address that tries names nobody has, and its failures since they were last logged."""

    address = models.CharField(max_length=64, unique=True)
    logged_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.address}: {self.failures}"


class OneTimeCode(models.Model):
    """A code an administrator hands out, with which a person sets a password; used once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="code_expires"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.made_at}"


class Token(models.Model):
    """A secret with which a program reads the air in a person's name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-made_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="token_expires"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"
