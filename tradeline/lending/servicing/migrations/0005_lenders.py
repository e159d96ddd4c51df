"""Lenders share an agreement, and sell their shares."""

from django.db import migrations, models

from tradeline.book.roles import append_only_statements, tenant_statements

TABLE = "servicing_sale"
STATEMENTS = (
    *tenant_statements(TABLE),
    *append_only_statements(TABLE),
    f"ALTER TABLE {TABLE} ADD CONSTRAINT servicing_sale_of FOREIGN KEY (tenant, agreement) "
    "REFERENCES servicing_agreement (tenant, agreement)",
    f"GRANT SELECT, INSERT ON {TABLE} TO web, worker",
)


class Migration(migrations.Migration):
    """How lenders share it stands with the agreement, sales stand apart."""

    dependencies = (("servicing", "0004_claims"),)
    operations = (
        migrations.AddField("Agreement", "lenders", models.JSONField(null=True)),
        migrations.CreateModel(
            name="ShareSale",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "agreement",
                        "place",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant", models.TextField()),
                ("agreement", models.TextField()),
                ("place", models.IntegerField()),
                ("body", models.JSONField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={"db_table": TABLE},
        ),
        migrations.RunSQL(list(STATEMENTS)),
    )
