"""The app: people, posts, signing in."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Holds who may do what."""

    name = "lantian.web.accounts"

    def ready(self) -> None:
        """Make the app's jobs known to whoever runs or queues them."""
        from lantian.web.accounts import jobs  # noqa: F401
