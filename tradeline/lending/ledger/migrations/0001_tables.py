"""The tables of the ledger."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables as the models say; rules follow."""

    initial = True
    dependencies = ()
    operations = (
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.TextField()),
                ("code", models.TextField()),
                ("currency", models.TextField()),
                ("kind", models.TextField()),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_account",
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.TextField()),
                ("key", models.TextField()),
                ("input_hash", models.BinaryField()),
                ("kind", models.TextField()),
                ("about", models.TextField()),
                ("value_date", models.DateField()),
                ("booking_date", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("pending", models.BooleanField()),
            ],
            options={
                "db_table": "ledger_entry",
            },
        ),
        migrations.CreateModel(
            name="Ledger",
            fields=[
                ("tenant", models.TextField(primary_key=True, serialize=False)),
                ("closed_through", models.DateField(null=True)),
                ("late", models.TextField(default="refuse")),
                ("opened_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger",
            },
        ),
        migrations.CreateModel(
            name="Limit",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.TextField()),
                ("least_minor", models.BigIntegerField(null=True)),
                ("greatest_minor", models.BigIntegerField(null=True)),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "db_table": "ledger_limit",
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "entry_id",
                        "line",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.entry",
                    ),
                ),
                ("line", models.SmallIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ledger.account",
                    ),
                ),
                ("tenant", models.TextField()),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "db_table": "ledger_posting",
            },
        ),
        migrations.CreateModel(
            name="Seal",
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
                ("number", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={
                "db_table": "ledger_seal",
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ledger.account",
                    ),
                ),
                ("tenant", models.TextField()),
                ("booked_minor", models.BigIntegerField(default=0)),
                ("held_debit_minor", models.BigIntegerField(default=0)),
                ("held_credit_minor", models.BigIntegerField(default=0)),
                ("least_minor", models.BigIntegerField(null=True)),
                ("greatest_minor", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "ledger_balance",
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                fields=("code", "tenant"), name="ledger_account_code"
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="reverses",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="ledger.entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledger",
            constraint=models.CheckConstraint(
                condition=models.Q(("late__in", ["refuse", "adjust"])), name="ledger_late"
            ),
        ),
        migrations.AddField(
            model_name="limit",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="ledger.account",
            ),
        ),
        migrations.AddField(
            model_name="seal",
            name="entry",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="ledger.entry",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("about", ""), _negated=True),
                fields=["about", "tenant"],
                name="ledger_entry_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("key", "tenant"), name="ledger_entry_key"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", False)),
                fields=("reverses",),
                name="ledger_entry_reversed_once",
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["account", "entry"], name="ledger_posting_account"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor", 0), _negated=True),
                name="ledger_posting_not_nothing",
            ),
        ),
    )
