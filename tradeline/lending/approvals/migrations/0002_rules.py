"""What holds for every row of proposals, whoever writes it."""

from django.db import migrations

from tradeline.book.roles import append_only_statements, tenant_statements

TABLES = ("approvals_proposal", "approvals_step")
STATEMENTS = (
    *(statement for table in TABLES for statement in tenant_statements(table)),
    *(statement for table in TABLES for statement in append_only_statements(table)),
    "ALTER TABLE approvals_step ADD CONSTRAINT approvals_step_of FOREIGN KEY (tenant, proposal) "
    "REFERENCES approvals_proposal (tenant, proposal)",
    f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO web, worker",
)


class Migration(migrations.Migration):
    """Triggers, row-level security and grants."""

    dependencies = (("approvals", "0001_tables"), ("servicing", "0004_claims"))
    operations = (migrations.RunSQL(list(STATEMENTS)),)
