"""What holds for every row of loans, whoever writes it."""

from django.db import migrations

from tradeline.book.roles import append_only_statements, tenant_statements

TABLES = ("servicing_loan", "servicing_event")
STATEMENTS = (
    *(statement for table in TABLES for statement in tenant_statements(table)),
    *(statement for table in TABLES for statement in append_only_statements(table)),
    "ALTER TABLE servicing_event ADD CONSTRAINT servicing_event_of FOREIGN KEY (tenant, loan) "
    "REFERENCES servicing_loan (tenant, loan)",
    f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO web, worker",
)


class Migration(migrations.Migration):
    """Triggers, row-level security and grants."""

    dependencies = (("servicing", "0001_tables"), ("ledger", "0002_rules"))
    operations = (migrations.RunSQL(list(STATEMENTS)),)
