"""The tables of proposals."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables as the models say; rules follow."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Proposed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "proposal",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("proposal", models.TextField()),
                ("agreement", models.TextField()),
                ("kind", models.TextField()),
                ("body", models.JSONField()),
                ("fingerprint", models.TextField()),
                ("maker", models.TextField()),
                ("why", models.TextField()),
                ("at", models.DateTimeField()),
                ("lapses_at", models.DateTimeField()),
                ("by_way_of", models.TextField()),
            ],
            options={
                "db_table": "approvals_proposal",
            },
        ),
        migrations.CreateModel(
            name="Stepped",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "proposal",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("proposal", models.TextField()),
                ("place", models.IntegerField()),
                ("kind", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("fingerprint", models.TextField()),
                ("why", models.TextField()),
            ],
            options={
                "db_table": "approvals_step",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("proposal", "kind", "tenant"), name="approvals_step_once"
                    )
                ],
            },
        ),
    )
