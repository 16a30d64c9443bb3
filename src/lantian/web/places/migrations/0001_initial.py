"""The table of territories."""

import django.db.models.deletion
from django.db import migrations, models

LEVELS = [
    ("city", "City"),
    ("county", "County"),
    ("town", "Town"),
    ("village", "Village"),
    ("grid", "Grid"),
]


class Migration(migrations.Migration):
    """Make it."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Territory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=32, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("level", models.CharField(choices=LEVELS, max_length=8)),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="places.territory",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, db_index=True)),
                ("datum", models.CharField(default="WGS84", max_length=8)),
                ("boundary", models.JSONField(blank=True, null=True)),
            ],
            options={
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("level__in", [key for key, _name in LEVELS])),
                        name="territory_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="territory_not_its_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True),
                        name="territory_has_a_name",
                    ),
                ],
            },
        ),
    ]
