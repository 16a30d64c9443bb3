import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_BATCH = 2_000  # cases at a time


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep the words of the cases there are."""
    case, kept = apps.get_model("cases", "Case"), apps.get_model("cases", "CaseText")
    rows = case.objects.order_by("pk").values_list(
        "pk", "title", "place", "external_number", "description"
    )
    made = []
    for key, *texts in rows.iterator(chunk_size=_BATCH):
        made.append(kept(case_id=key, text="\n".join(t for t in texts if t).lower()))
        if len(made) == _BATCH:
            kept.objects.bulk_create(made)
            made.clear()
    kept.objects.bulk_create(made)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0006_incoming"),
        ("duties", "0001_initial"),
        ("places", "0001_initial"),
        ("sources", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseText",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("text", models.TextField()),
            ],
        ),
        # an index alone: on SQLite the guarded table stays as it is
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=[
                    "year",
                    "number",
                    "state",
                    "territory",
                    "lead",
                    "source",
                    "channel",
                    "problem",
                    "sector",
                    "severity",
                    "medium",
                    "outcome",
                    "found_at",
                    "taken_in_at",
                    "ended_at",
                    "title",
                ],
                name="case_list",
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
