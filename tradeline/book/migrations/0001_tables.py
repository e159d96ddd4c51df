"""The tables of the event log."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables as the models say; rules follow."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.TextField()),
                ("name", models.TextField()),
                ("key", models.TextField(null=True)),
                ("input_hash", models.BinaryField(null=True)),
                ("body", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "book_event",
            },
        ),
        migrations.CreateModel(
            name="Published",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "position",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("position", models.BigIntegerField()),
            ],
            options={
                "db_table": "book_published",
            },
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="book.event",
                    ),
                ),
                ("tenant", models.TextField()),
            ],
            options={
                "db_table": "book_pending",
            },
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key__isnull", False)),
                fields=("key", "tenant"),
                name="book_event_key",
            ),
        ),
        migrations.AddField(
            model_name="published",
            name="event",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="book.event",
            ),
        ),
    )
