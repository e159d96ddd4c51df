"""What holds for every row of the event log, whoever writes it."""

from django.db import migrations

from tradeline.book.roles import append_only_statements, tenant_default, tenant_statements

FUNCTIONS = (
    """
CREATE FUNCTION book_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed or removed.', TG_TABLE_NAME
        USING ERRCODE = 'TL000', HINT = 'Write what corrects them.';
END $$
""",
    """
CREATE FUNCTION book_queue_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO book_pending (event_id, tenant) SELECT id, tenant FROM fresh;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER queue AFTER INSERT ON book_event REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION book_queue_events()
""",
)
GRANTS = (
    "GRANT SELECT, INSERT (name, key, input_hash, body, recorded_at) ON book_event TO web, worker",
    "GRANT SELECT ON book_published TO web, worker",
    "GRANT INSERT (position, event_id) ON book_published TO worker",
    "GRANT SELECT, DELETE ON book_pending TO worker",
)
STATEMENTS = (
    *FUNCTIONS,
    tenant_default("book_event"),
    tenant_default("book_published"),
    *tenant_statements("book_event"),
    *tenant_statements("book_pending"),
    *tenant_statements("book_published"),
    *append_only_statements("book_event"),
    *append_only_statements("book_published"),
    *GRANTS,
)


class Migration(migrations.Migration):
    """Triggers, row-level security and grants."""

    dependencies = (("book", "0001_tables"),)
    operations = (migrations.RunSQL(list(STATEMENTS)),)
