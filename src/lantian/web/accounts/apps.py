"""The app: people, posts, signing in."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Holds who may do what."""

    name = "lantian.web.accounts"
