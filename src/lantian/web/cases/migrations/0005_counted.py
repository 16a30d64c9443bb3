"""Indexes from which the figures of a period are counted without reading the cases."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_climb")]

    operations = [
        migrations.RemoveIndex(model_name="case", name="case_ended"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["ended_at", "state"], name="case_ended"),
        ),
        migrations.AddIndex(
            model_name="caseevent",
            index=models.Index(fields=["action", "at"], name="case_event_action"),
        ),
    ]
