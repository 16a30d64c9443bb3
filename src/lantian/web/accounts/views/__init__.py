"""The pages of people and of signing in."""

from lantian.web.accounts.views.signing import locked_out

__all__ = ["locked_out"]
