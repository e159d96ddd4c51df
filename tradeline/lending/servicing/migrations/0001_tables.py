"""The tables of loans."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables as the models say; rules follow."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Loan",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "loan",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("loan", models.TextField()),
                ("contract", models.JSONField()),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "db_table": "servicing_loan",
            },
        ),
        migrations.CreateModel(
            name="LoanEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "loan",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("loan", models.TextField()),
                ("place", models.IntegerField()),
                ("kind", models.TextField()),
                ("body", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "servicing_event",
            },
        ),
    )
