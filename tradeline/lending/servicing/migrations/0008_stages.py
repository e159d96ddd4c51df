"""Provisions by stage: what they rest on, what was seen of an agreement, what came of it."""

from django.db import migrations, models

from tradeline.book.roles import append_only_statements, tenant_default, tenant_statements

FACTS, PDS, LOOKS = "servicing_risk_fact", "servicing_pds", "servicing_look"
TABLES = (FACTS, PDS, LOOKS)
STATEMENTS = (
    *(statement for table in TABLES for statement in tenant_statements(table)),
    *(statement for table in TABLES for statement in append_only_statements(table)),
    *(tenant_default(table) for table in TABLES),
    *(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of FOREIGN KEY (tenant, agreement) "
        "REFERENCES servicing_agreement (tenant, agreement)"
        for table in (FACTS, LOOKS)
    ),
    f"GRANT SELECT, INSERT ON {FACTS}, {PDS} TO web, worker",
    f"GRANT SELECT ON {LOOKS} TO web, worker",
    f"GRANT INSERT ON {LOOKS} TO worker",
)


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    """Days that ended before have no stage, and withheld no interest."""

    dependencies = (("servicing", "0007_days"),)
    operations = (
        *(
            migrations.AddField("EndedDay", name, field(default=0), preserve_default=False)
            for name, field in (
                ("stage", models.SmallIntegerField),
                ("interest_minor", models.BigIntegerField),
                ("suspended_minor", models.BigIntegerField),
            )
        ),
        migrations.CreateModel(
            name="RiskFact",
            fields=[
                ("pk", _key("tenant", "agreement", "place")),
                ("tenant", models.TextField()),
                ("agreement", models.TextField()),
                ("place", models.IntegerField()),
                ("kind", models.TextField()),
                ("body", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": FACTS},
        ),
        migrations.CreateModel(
            name="GradePds",
            fields=[
                ("pk", _key("tenant", "place")),
                ("tenant", models.TextField()),
                ("place", models.IntegerField()),
                ("grade", models.TextField()),
                ("since", models.DateField()),
                ("cumulative", models.JSONField()),
                ("entered_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": PDS},
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("pk", _key("tenant", "agreement", "day", "events")),
                ("tenant", models.TextField()),
                ("agreement", models.TextField()),
                ("day", models.DateField()),
                ("events", models.IntegerField()),
                ("days_late", models.IntegerField()),
                ("is_forborne", models.BooleanField()),
                ("months", models.IntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": LOOKS},
        ),
        migrations.RunSQL(list(STATEMENTS)),
    )
