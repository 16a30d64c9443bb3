"""Work that nobody waits for: the queue, and what happens by the clock."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import connection
from django.utils.module_loading import autodiscover_modules
from huey import SqliteHuey, crontab
from huey.consumer_options import ConsumerConfig

from lantian.errors import DomainError
from lantian.home import schedule
from lantian.home.clock import clock_of

queue = SqliteHuey(
    "lantian",
    filename=str(settings.HOME.path / "jobs.sqlite3"),
    immediate=False,
    results=True,
    utc=True,
)

logger = logging.getLogger("lantian.jobs")


@queue.periodic_task(crontab())
def keep_in_order() -> None:
    """Back the home up when its hour has come, and merge the small files of many imports."""
    try:
        schedule.run_due(settings.HOME, clock_of(settings.HOME))
    except DomainError as error:
        logger.warning("%s", error.message)  # the doctor shows it until it works again


@queue.periodic_task(crontab(minute="7"))
def know_the_tables() -> None:
    """Let SQLite look anew at tables that have grown, by which it chooses among their indices.

    PostgreSQL does it by itself.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA optimize = 0x10002")


def consume(workers: int = 1) -> None:
    """Run the jobs until the process is told to stop; on SIGTERM it finishes those begun.

    They are those of ``jobs.py`` of every app.
    """
    autodiscover_modules("jobs")
    config = ConsumerConfig(
        workers=workers, periodic=True, backoff=1.15, max_delay=2.0, graceful_signal="TERM"
    )
    config.validate()
    queue.create_consumer(**config.values).run()
