"""The tables of payments."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables as the models say; rules follow."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "message",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("message", models.TextField()),
                ("account", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_message",
            },
        ),
        migrations.CreateModel(
            name="OwnAccount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("number", models.TextField()),
                ("currency", models.TextField()),
                ("holder", models.TextField()),
                ("bank", models.TextField()),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_account",
            },
        ),
        migrations.CreateModel(
            name="Sent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "payment",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("payment", models.TextField()),
                ("message", models.TextField()),
            ],
            options={
                "db_table": "payments_sent",
            },
        ),
        migrations.CreateModel(
            name="Written",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "message",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("message", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_written",
            },
        ),
        migrations.CreateModel(
            name="Instructed",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "payment",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("payment", models.TextField()),
                ("account", models.TextField()),
                ("loan", models.TextField()),
                ("bank_reference", models.TextField()),
                ("day", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("creditor", models.TextField()),
                ("creditor_number", models.TextField()),
                ("creditor_bank", models.TextField()),
                ("purpose", models.TextField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_instructed",
                "indexes": [
                    models.Index(fields=["loan", "tenant"], name="payments_instructed_loan")
                ],
            },
        ),
        migrations.CreateModel(
            name="Moved",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "account",
                        "bank_reference",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("account", models.TextField()),
                ("bank_reference", models.TextField()),
                ("day", models.DateField()),
                ("value_day", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("other_side", models.TextField()),
                ("said", models.TextField()),
                ("became", models.TextField()),
                ("subject", models.TextField()),
                ("place", models.IntegerField(null=True)),
                ("doubt", models.TextField()),
                ("candidates", models.JSONField()),
                ("why", models.TextField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_moved",
                "indexes": [
                    models.Index(
                        condition=models.Q(("became", "suspended")),
                        fields=["account", "bank_reference", "tenant"],
                        name="payments_moved_suspended",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("became__in", ["settled", "returned", "received", "suspended"])
                        ),
                        name="payments_moved_became",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Resolved",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "account",
                        "bank_reference",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("account", models.TextField()),
                ("bank_reference", models.TextField()),
                ("place", models.IntegerField()),
                ("became", models.TextField()),
                ("subject", models.TextField()),
                ("by", models.TextField()),
                ("why", models.TextField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_resolved",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("became__in", ["loan", "account", "sent back"])),
                        name="payments_resolved_became",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Said",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "payment",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("payment", models.TextField()),
                ("place", models.IntegerField()),
                ("kind", models.TextField()),
                ("day", models.DateField()),
                ("bank_reference", models.TextField()),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "payments_said",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("payment", "kind", "bank_reference", "tenant"),
                        name="payments_said_once",
                    )
                ],
            },
        ),
    )
