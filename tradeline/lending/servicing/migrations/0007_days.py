"""Days that ended: of each agreement, and of all of a tenant."""

from django.db import migrations, models

from tradeline.book.roles import append_only_statements, tenant_default, tenant_statements

ENDED, CLOSED = "servicing_ended_day", "servicing_closed_day"
STATEMENTS = (
    *(statement for table in (ENDED, CLOSED) for statement in tenant_statements(table)),
    *(statement for table in (ENDED, CLOSED) for statement in append_only_statements(table)),
    *(tenant_default(table) for table in (ENDED, CLOSED)),
    f"ALTER TABLE {ENDED} ADD CONSTRAINT servicing_ended_day_of FOREIGN KEY (tenant, agreement) "
    "REFERENCES servicing_agreement (tenant, agreement)",
    f"GRANT SELECT ON {ENDED}, {CLOSED} TO web, worker",
    f"GRANT INSERT ON {ENDED}, {CLOSED} TO worker",
)


def _key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    """Only the worker ends days; commands read how far an agreement is."""

    dependencies = (("servicing", "0006_product"),)
    operations = (
        migrations.CreateModel(
            name="EndedDay",
            fields=[
                ("pk", _key("tenant", "agreement", "day")),
                ("tenant", models.TextField()),
                ("agreement", models.TextField()),
                ("day", models.DateField()),
                ("events", models.IntegerField()),
                ("principal_minor", models.BigIntegerField()),
                ("owed_minor", models.BigIntegerField()),
                ("allowance_minor", models.BigIntegerField()),
                ("paid_out_minor", models.BigIntegerField()),
                ("paid_out_on", models.DateField(null=True)),
                ("days_late", models.IntegerField()),
                ("is_lost", models.BooleanField()),
                ("is_forborne", models.BooleanField()),
                ("is_over", models.BooleanField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": ENDED},
        ),
        migrations.CreateModel(
            name="ClosedDay",
            fields=[
                ("pk", _key("tenant", "day")),
                ("tenant", models.TextField()),
                ("day", models.DateField()),
                ("findings", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": CLOSED},
        ),
        migrations.RunSQL(list(STATEMENTS)),
    )
