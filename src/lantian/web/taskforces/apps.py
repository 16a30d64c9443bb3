"""The app of task forces."""

from __future__ import annotations

from django.apps import AppConfig


class TaskForcesConfig(AppConfig):
    """Holds teams with a scope."""

    name = "lantian.web.taskforces"
    label = "taskforces"
