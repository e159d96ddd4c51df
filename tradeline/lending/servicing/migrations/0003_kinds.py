"""Not loans alone: agreements of several kinds."""

from django.db import migrations, models

STATEMENTS = (
    "ALTER TABLE servicing_loan RENAME TO servicing_agreement",
    "ALTER TABLE servicing_agreement RENAME COLUMN loan TO agreement",
    "ALTER TABLE servicing_event RENAME COLUMN loan TO agreement",
    # What is there already are loans; from now on it is said.
    "ALTER TABLE servicing_agreement ADD COLUMN kind text NOT NULL DEFAULT 'loan'",
    "ALTER TABLE servicing_agreement ALTER COLUMN kind DROP DEFAULT",
)


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


# A column of a composite key cannot be renamed by Django's own operations.
STATE = (
    migrations.DeleteModel("Loan"),
    migrations.DeleteModel("LoanEvent"),
    migrations.CreateModel(
        name="Agreement",
        fields=[
            ("pk", _key("tenant", "agreement")),
            ("tenant", models.TextField()),
            ("agreement", models.TextField()),
            ("kind", models.TextField()),
            ("contract", models.JSONField()),
            ("opened_at", models.DateTimeField()),
        ],
        options={"db_table": "servicing_agreement"},
    ),
    migrations.CreateModel(
        name="AgreementEvent",
        fields=[
            ("pk", _key("tenant", "agreement", "place")),
            ("tenant", models.TextField()),
            ("agreement", models.TextField()),
            ("place", models.IntegerField()),
            ("kind", models.TextField()),
            ("body", models.JSONField()),
            ("recorded_at", models.DateTimeField()),
        ],
        options={"db_table": "servicing_event"},
    ),
)


class Migration(migrations.Migration):
    """Tables and columns by their new names; rules, rights and rows stay as they are."""

    dependencies = (("servicing", "0002_rules"),)
    operations = (
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(list(STATEMENTS))],
            state_operations=list(STATE),
        ),
    )
