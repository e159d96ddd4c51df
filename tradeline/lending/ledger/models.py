"""The rows of the ledger. Foreign keys that its triggers check for whole batches are not declared.

Amounts are signed minor units: debit above zero, credit below. Indexes have the tenant last: each
query names it (row-level security), and one that led with it would be taken for any of them.
"""

from django.db import models


class Ledger(models.Model):
    """The books of one tenant: through which day they are closed."""

    tenant = models.TextField(primary_key=True)
    closed_through = models.DateField(null=True)
    late = models.TextField(default="refuse")
    opened_at = models.DateTimeField()

    class Meta:
        """Late entries are refused, or booked in the open period."""

        db_table = "ledger"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(late__in=["refuse", "adjust"]), name="ledger_late"
            ),
        )


class Account(models.Model):
    """An account of one currency; never changed."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.TextField()
    code = models.TextField()
    currency = models.TextField()
    kind = models.TextField()
    opened_at = models.DateTimeField()

    class Meta:
        """A code names one account of a tenant."""

        db_table = "ledger_account"
        constraints = (
            models.UniqueConstraint(fields=["code", "tenant"], name="ledger_account_code"),
        )


class Limit(models.Model):
    """The bounds set on the balance of an account; the last ones hold. Never changed."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.TextField()
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="+")
    least_minor = models.BigIntegerField(null=True)
    greatest_minor = models.BigIntegerField(null=True)
    set_at = models.DateTimeField()

    class Meta:
        """What was ever set."""

        db_table = "ledger_limit"


class Balance(models.Model):
    """What is booked and held on an account now; kept by the triggers alone."""

    account = models.OneToOneField(
        Account, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    tenant = models.TextField()
    booked_minor = models.BigIntegerField(default=0)
    held_debit_minor = models.BigIntegerField(default=0)
    held_credit_minor = models.BigIntegerField(default=0)
    least_minor = models.BigIntegerField(null=True)
    greatest_minor = models.BigIntegerField(null=True)

    class Meta:
        """Beside the account, which never changes."""

        db_table = "ledger_balance"


class Entry(models.Model):
    """A journal entry; never changed. A pending one holds what a later one may book."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.TextField()
    key = models.TextField()
    input_hash = models.BinaryField()
    kind = models.TextField()
    about = models.TextField()
    value_date = models.DateField()
    booking_date = models.DateField()
    recorded_at = models.DateTimeField()
    pending = models.BooleanField()
    reverses = models.ForeignKey(
        "self", models.DO_NOTHING, null=True, db_index=False, related_name="+"
    )

    class Meta:
        """One effect for each key, one reversal for each entry."""

        db_table = "ledger_entry"
        constraints = (
            models.UniqueConstraint(fields=["key", "tenant"], name="ledger_entry_key"),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=models.Q(reverses__isnull=False),
                name="ledger_entry_reversed_once",
            ),
        )
        indexes = (
            models.Index(
                fields=["about", "tenant"],
                condition=~models.Q(about=""),
                name="ledger_entry_about",
            ),
        )


class Posting(models.Model):
    """One line of a journal entry; never changed."""

    pk = models.CompositePrimaryKey("entry_id", "line")
    entry = models.ForeignKey(
        Entry, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    line = models.SmallIntegerField()
    tenant = models.TextField()
    account = models.ForeignKey(
        Account, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    amount_minor = models.BigIntegerField()

    class Meta:
        """Found by entry, and by account."""

        db_table = "ledger_posting"
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(amount_minor=0), name="ledger_posting_not_nothing"
            ),
        )
        indexes = (models.Index(fields=["account", "entry"], name="ledger_posting_account"),)


class Seal(models.Model):
    """The number of an entry, given after commit without gaps, and the hash of all up to it."""

    pk = models.CompositePrimaryKey("tenant", "number")
    tenant = models.TextField()
    number = models.BigIntegerField()
    entry = models.OneToOneField(Entry, models.DO_NOTHING, db_constraint=False, related_name="+")
    position = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        """An entry is sealed once."""

        db_table = "ledger_seal"
