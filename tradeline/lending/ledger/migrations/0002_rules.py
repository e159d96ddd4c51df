"""What holds for every row of the ledger, whoever writes it.

The triggers look at all rows of a statement at once, so that a batch costs little more than its
rows. They run as `owner`, who alone may write balances. Rows of tables are taken by index from
arrays of ids, and sets are joined by merging: a plan is made once, for one row and for thousands,
and no statistics of the tables change it. A merge goes by the order of what it joins, so balances
are locked and changed in the order of accounts, whoever does it, and no two wait for each other.
"""

from django.db import migrations

from tradeline.book.roles import append_only_statements, tenant_default, tenant_statements

AS_OWNER = """
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_nestloop = off SET enable_hashjoin = off
SET plan_cache_mode = force_generic_plan SET jit = off
"""

OPEN_ACCOUNTS = f"""
CREATE FUNCTION ledger_open_accounts() RETURNS trigger {AS_OWNER} AS $$
BEGIN
    INSERT INTO ledger_balance
        (account_id, tenant, booked_minor, held_debit_minor, held_credit_minor)
        SELECT id, tenant, 0, 0, 0 FROM fresh;
    RETURN NULL;
END $$
"""

# An account is beyond its limits by what is booked and held together.
REFUSE_BEYOND = """
    SELECT jsonb_agg(jsonb_build_object(
            'account', (SELECT code FROM ledger_account WHERE id = account_id),
            'currency', (SELECT currency FROM ledger_account WHERE id = account_id),
            'booked_minor', booked_minor, 'held_debit_minor', held_debit_minor,
            'held_credit_minor', held_credit_minor, 'least_minor', least_minor,
            'greatest_minor', greatest_minor
        )) INTO beyond
    FROM changed WHERE booked_minor + held_debit_minor > greatest_minor
        OR booked_minor + held_credit_minor < least_minor;
    IF beyond IS NOT NULL THEN
        RAISE EXCEPTION 'A balance is beyond its limit.'
            USING ERRCODE = 'TL001', DETAIL = beyond;
    END IF;
"""

SET_LIMITS = f"""
CREATE FUNCTION ledger_set_limits() RETURNS trigger {AS_OWNER} AS $$
DECLARE
    accounts bigint[] := ARRAY(SELECT DISTINCT account_id FROM fresh);
    beyond jsonb;
BEGIN
    WITH changed AS (
        UPDATE ledger_balance b SET least_minor = f.least_minor, greatest_minor = f.greatest_minor
            FROM fresh f WHERE f.account_id = b.account_id AND b.account_id = ANY (accounts)
        RETURNING b.*
    )
    {REFUSE_BEYOND}
    RETURN NULL;
END $$
"""

# Closing a period takes the same lock alone, so that no entry slips in while it closes.
ADMIT_ENTRIES = f"""
CREATE FUNCTION ledger_admit_entries() RETURNS trigger {AS_OWNER} AS $$
DECLARE
    closed date;
    originals bigint[] := ARRAY(SELECT reverses_id FROM fresh WHERE reverses_id IS NOT NULL);
BEGIN
    PERFORM pg_advisory_xact_lock_shared(
        7002, hashtext(coalesce(current_setting('tradeline.tenant', true), '')));
    SELECT closed_through INTO closed FROM ledger;
    IF NOT FOUND AND EXISTS (SELECT FROM fresh) THEN
        RAISE EXCEPTION 'No ledger is open for this tenant.' USING ERRCODE = 'TL002';
    END IF;
    IF EXISTS (SELECT FROM fresh WHERE booking_date <= closed) THEN
        RAISE EXCEPTION 'The books are closed through %.', closed
            USING ERRCODE = 'TL003', DETAIL = closed;
    END IF;
    IF cardinality(originals) > 0 AND cardinality(originals) <> (
        SELECT count(*) FROM ledger_entry o JOIN fresh f ON f.reverses_id = o.id
        WHERE o.id = ANY (originals) AND coalesce(o.reverses_id, 0) = 0 AND o.pending = f.pending
    ) THEN
        RAISE EXCEPTION 'An entry cannot be reversed so.' USING ERRCODE = 'TL004';
    END IF;
    RETURN NULL;
END $$
"""

# A line 1 can be written once only: so the lines of an entry come in one statement. What is needed
# of entries is read once, into arrays; they are announced, and so numbered, in the order of lines.
BOOK_POSTINGS = f"""
CREATE FUNCTION ledger_book_postings() RETURNS trigger {AS_OWNER} AS $$
DECLARE
    named bigint[] := ARRAY(SELECT entry_id FROM fresh WHERE line = 1);
    accounts bigint[] := ARRAY(SELECT DISTINCT account_id FROM fresh);
    entries bigint[];
    pendings boolean[];
    originals bigint[];
    latest timestamptz;
    beyond jsonb;
BEGIN
    IF cardinality(accounts) = 0 THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(id ORDER BY id), array_agg(pending ORDER BY id),
            array_agg(reverses_id ORDER BY id), max(recorded_at)
        INTO entries, pendings, originals, latest
        FROM ledger_entry WHERE id = ANY (named) AND txid = pg_current_xact_id();
    IF cardinality(named) IS DISTINCT FROM cardinality(entries)
        OR EXISTS (SELECT FROM fresh GROUP BY entry_id HAVING min(line) <> 1) THEN
        RAISE EXCEPTION 'The lines of an entry come with it, at once.' USING ERRCODE = 'TL005';
    END IF;
    IF EXISTS (
        SELECT FROM fresh f LEFT JOIN (
            SELECT id, currency FROM ledger_account WHERE id = ANY (accounts)
        ) AS a ON a.id = f.account_id
        GROUP BY f.entry_id, a.currency
        HAVING a.currency IS NULL OR sum(f.amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'An entry does not balance, or an account of it is not there.'
            USING ERRCODE = 'TL006';
    END IF;
    IF cardinality(array_remove(originals, NULL)) > 0 AND EXISTS (
        SELECT FROM (
            SELECT p.entry_id, p.account_id, p.amount_minor FROM ledger_posting p
                WHERE p.entry_id = ANY (originals)
            UNION ALL
            SELECT e.original, f.account_id, f.amount_minor
                FROM fresh f JOIN unnest(entries, originals) AS e(id, original) ON e.id = f.entry_id
                WHERE e.original IS NOT NULL
        ) AS both_sides
        GROUP BY entry_id, account_id HAVING sum(amount_minor) <> 0
    ) THEN
        RAISE EXCEPTION 'An entry is not the opposite of what it reverses.'
            USING ERRCODE = 'TL004';
    END IF;
    WITH changed AS (
        UPDATE ledger_balance b SET
            booked_minor = b.booked_minor + moved.booked,
            held_debit_minor = b.held_debit_minor + moved.held_debit,
            held_credit_minor = b.held_credit_minor + moved.held_credit
        FROM (
            SELECT f.account_id,
                coalesce(sum(f.amount_minor) FILTER (WHERE NOT e.pending), 0) AS booked,
                coalesce(sum(f.amount_minor) FILTER (
                    WHERE e.pending AND (f.amount_minor > 0) = (e.original IS NULL)), 0
                ) AS held_debit,
                coalesce(sum(f.amount_minor) FILTER (
                    WHERE e.pending AND (f.amount_minor < 0) = (e.original IS NULL)), 0
                ) AS held_credit
            FROM fresh f JOIN unnest(entries, pendings, originals) AS e(id, pending, original)
                ON e.id = f.entry_id
            GROUP BY f.account_id
        ) AS moved
        WHERE moved.account_id = b.account_id AND b.account_id = ANY (accounts)
        RETURNING b.*
    )
    {REFUSE_BEYOND}
    -- Only now, under the locks: so events of one account come in the order of its balances.
    INSERT INTO book_event (name, body, recorded_at)
        VALUES ('ledger.posted', jsonb_build_object('entries', to_jsonb(named)), latest);
    RETURN NULL;
END $$
"""

CLOSE = """
CREATE FUNCTION ledger_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7002, hashtext(OLD.tenant));
    IF OLD.closed_through IS NOT NULL
        AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through) THEN
        RAISE EXCEPTION 'A closed period is not opened again.' USING ERRCODE = 'TL007';
    END IF;
    RETURN NEW;
END $$
"""

TRIGGERED = {
    "ledger_account": "ledger_open_accounts",
    "ledger_limit": "ledger_set_limits",
    "ledger_entry": "ledger_admit_entries",
    "ledger_posting": "ledger_book_postings",
}
TENANT_TABLES = ("ledger", "ledger_account", "ledger_limit", "ledger_balance", "ledger_entry",
                 "ledger_posting", "ledger_seal")  # fmt: skip
APPEND_ONLY = ("ledger_account", "ledger_limit", "ledger_entry", "ledger_posting", "ledger_seal")

STATEMENTS = (
    # The transaction that wrote an entry, for the check that its lines come with it.
    "ALTER TABLE ledger_entry ADD COLUMN txid xid8 NOT NULL DEFAULT pg_current_xact_id()",
    "ALTER TABLE ledger_balance SET (fillfactor = 50)",
    OPEN_ACCOUNTS,
    SET_LIMITS,
    ADMIT_ENTRIES,
    BOOK_POSTINGS,
    CLOSE,
    *(
        f"CREATE TRIGGER applied AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        for table, function in TRIGGERED.items()
    ),
    *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER applied" for table in TRIGGERED),
    "CREATE TRIGGER closing BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_close()",
    *(tenant_default(table) for table in TENANT_TABLES),
    *(statement for table in TENANT_TABLES for statement in tenant_statements(table)),
    *(statement for table in APPEND_ONLY for statement in append_only_statements(table)),
    # The worker seals and verifies every ledger, so it must know which there are.
    "CREATE POLICY register ON ledger FOR SELECT TO worker USING (true)",
    f"GRANT SELECT ON {', '.join(TENANT_TABLES)} TO web, worker",
    "GRANT INSERT (code, currency, kind, opened_at) ON ledger_account TO web, worker",
    "GRANT INSERT (account_id, least_minor, greatest_minor, set_at) ON ledger_limit TO web, worker",
    "GRANT INSERT (key, input_hash, kind, about, value_date, booking_date, recorded_at, pending, "
    "reverses_id) ON ledger_entry TO web, worker",
    "GRANT INSERT (entry_id, line, account_id, amount_minor) ON ledger_posting TO web, worker",
    "GRANT INSERT (late, opened_at), UPDATE (closed_through, late) ON ledger TO worker",
    "GRANT INSERT (number, entry_id, position, hash) ON ledger_seal TO worker",
)


class Migration(migrations.Migration):
    """Triggers, row-level security and grants."""

    dependencies = (("ledger", "0001_tables"), ("book", "0002_rules"))
    operations = (migrations.RunSQL(list(STATEMENTS)),)
