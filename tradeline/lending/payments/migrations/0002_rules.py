"""What holds for every row of payments, whoever writes it."""

from django.db import migrations

from tradeline.book.roles import append_only_statements, tenant_statements

KEYS = {
    "payments_account": "number",
    "payments_message": "message",
    "payments_instructed": "payment",
    "payments_moved": "account, bank_reference",
}
REFERENCES = (
    ("payments_message", "account", "payments_account"),
    ("payments_instructed", "account", "payments_account"),
    ("payments_sent", "payment", "payments_instructed"),
    ("payments_sent", "message", "payments_message"),
    ("payments_written", "message", "payments_message"),
    ("payments_said", "payment", "payments_instructed"),
    ("payments_moved", "account", "payments_account"),
    ("payments_resolved", "account, bank_reference", "payments_moved"),
)
TABLES = tuple(dict.fromkeys((*KEYS, *(table for table, _, _ in REFERENCES))))
STATEMENTS = (
    *(statement for table in TABLES for statement in tenant_statements(table)),
    *(statement for table in TABLES for statement in append_only_statements(table)),
    *(
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_of_{other.removeprefix('payments_')} "
        f"FOREIGN KEY (tenant, {columns}) REFERENCES {other} (tenant, {KEYS[other]})"
        for table, columns, other in REFERENCES
    ),
    f"GRANT SELECT, INSERT ON {', '.join(TABLES)} TO web, worker",
)


class Migration(migrations.Migration):
    """Triggers, row-level security, references and grants."""

    dependencies = (("payments", "0001_tables"), ("servicing", "0004_claims"))
    operations = (migrations.RunSQL(list(STATEMENTS)),)
