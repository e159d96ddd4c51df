"""The register of financed documents: the database holds that none is financed twice."""

from django.db import migrations, models

from tradeline.book.roles import TENANT

TABLE = "servicing_claim"
# An order and an invoice that bills it: the two kinds of hash stand in different columns, so that
# no index can forbid them. Whoever claims either waits here for the other.
ONE_ORDER = """
CREATE FUNCTION servicing_claim_one_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        7005, hashtext(NEW.register || coalesce(NEW.order_print, NEW.bills)));
    IF EXISTS (
        SELECT FROM servicing_claim c
        WHERE c.register = NEW.register AND c.released_on IS NULL
            AND (c.tenant, c.financing) <> (NEW.tenant, NEW.financing)
            AND (c.bills = NEW.order_print OR c.order_print = NEW.bills)
    ) THEN
        RAISE EXCEPTION 'The order is financed already.' USING ERRCODE = 'unique_violation';
    END IF;
    RETURN NEW;
END $$
"""
STATEMENTS = (
    ONE_ORDER,
    f"CREATE TRIGGER one_order BEFORE INSERT ON {TABLE} FOR EACH ROW "
    "WHEN (coalesce(NEW.order_print, NEW.bills) IS NOT NULL) "
    "EXECUTE FUNCTION servicing_claim_one_order()",
    f"CREATE TRIGGER stays BEFORE DELETE OR TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION book_refuse_change()",
    f"CREATE TRIGGER released_once BEFORE UPDATE ON {TABLE} FOR EACH ROW "
    "WHEN (OLD.released_on IS NOT NULL "
    "OR to_jsonb(OLD) - 'released_on' <> to_jsonb(NEW) - 'released_on') "
    "EXECUTE FUNCTION book_refuse_change()",
    *(
        f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {trigger}"
        for trigger in ("one_order", "stays", "released_once")
    ),
    f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY",
    f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY",
    # Lenders meet in it: all may look a hash up, each writes its own.
    f"CREATE POLICY shared ON {TABLE} FOR SELECT USING (true)",
    f"CREATE POLICY own ON {TABLE} FOR INSERT WITH CHECK (tenant = {TENANT})",
    f"CREATE POLICY released ON {TABLE} FOR UPDATE USING (tenant = {TENANT}) "
    f"WITH CHECK (tenant = {TENANT})",
    f"ALTER TABLE {TABLE} ADD CONSTRAINT servicing_claim_agreement FOREIGN KEY (tenant, agreement) "
    "REFERENCES servicing_agreement (tenant, agreement)",
    f"GRANT SELECT, INSERT, UPDATE (released_on) ON {TABLE} TO web, worker",
)


class Migration(migrations.Migration):
    """The table, and what holds for every row of it."""

    dependencies = (("servicing", "0003_kinds"),)
    operations = (
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.TextField()),
                ("register", models.TextField()),
                ("agreement", models.TextField()),
                ("financing", models.TextField()),
                ("claimed_on", models.DateField()),
                ("whole", models.TextField()),
                ("by_number", models.TextField()),
                ("by_amount", models.TextField()),
                ("order_print", models.TextField(null=True)),
                ("bills", models.TextField(null=True)),
                ("released_on", models.DateField(null=True)),
            ],
            options={
                "db_table": TABLE,
                "constraints": (
                    models.UniqueConstraint(
                        condition=models.Q(("released_on__isnull", True)),
                        fields=("whole", "register"),
                        name="servicing_claim_once",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "tenant"), name="servicing_claim_of_agreement"
                    ),
                ),
                "indexes": [
                    models.Index(fields=["by_number", "register"], name="servicing_claim_number"),
                    models.Index(fields=["by_amount", "register"], name="servicing_claim_amount"),
                    models.Index(fields=["order_print", "register"], name="servicing_claim_order"),
                    models.Index(fields=["bills", "register"], name="servicing_claim_bills"),
                ],
            },
        ),
        migrations.RunSQL(list(STATEMENTS)),
    )
