"""The rows of payments: what was instructed, sent, said by banks and decided. Never changed."""

from django.db import models


class OwnAccount(models.Model):
    """An account of the lender at a bank."""

    pk = models.CompositePrimaryKey("tenant", "number")
    tenant = models.TextField()
    number = models.TextField()
    currency = models.TextField()
    holder = models.TextField()
    bank = models.TextField()
    opened_at = models.DateTimeField()

    class Meta:
        """One account for each number."""

        db_table = "payments_account"


class Instructed(models.Model):
    """A transfer that the lender wants: of a loan, or of what waited in suspense."""

    pk = models.CompositePrimaryKey("tenant", "payment")
    tenant = models.TextField()
    payment = models.TextField()
    account = models.TextField()
    loan = models.TextField()
    bank_reference = models.TextField()
    day = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    creditor = models.TextField()
    creditor_number = models.TextField()
    creditor_bank = models.TextField()
    purpose = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        """`bank_reference` names the movement that is sent back; a loan is empty then."""

        db_table = "payments_instructed"
        indexes = (models.Index(fields=["loan", "tenant"], name="payments_instructed_loan"),)


class Message(models.Model):
    """A file of transfers."""

    pk = models.CompositePrimaryKey("tenant", "message")
    tenant = models.TextField()
    message = models.TextField()
    account = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        """Named as no other."""

        db_table = "payments_message"


class Sent(models.Model):
    """In which file a payment is."""

    pk = models.CompositePrimaryKey("tenant", "payment")
    tenant = models.TextField()
    payment = models.TextField()
    message = models.TextField()

    class Meta:
        """Each in one file, once."""

        db_table = "payments_sent"


class Written(models.Model):
    """That a file of transfers was written where it was asked for."""

    pk = models.CompositePrimaryKey("tenant", "message")
    tenant = models.TextField()
    message = models.TextField()
    at = models.DateTimeField()

    class Meta:
        """Until then it is written again."""

        db_table = "payments_written"


class Said(models.Model):
    """What a bank said of a payment, in the order in which it was heard."""

    pk = models.CompositePrimaryKey("tenant", "payment", "place")
    tenant = models.TextField()
    payment = models.TextField()
    place = models.IntegerField()
    kind = models.TextField()
    day = models.DateField()
    bank_reference = models.TextField()
    amount_minor = models.BigIntegerField(null=True)
    reason = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        """A notice of a kind is told apart by the bank's reference."""

        db_table = "payments_said"
        constraints = (
            models.UniqueConstraint(
                fields=["payment", "kind", "bank_reference", "tenant"], name="payments_said_once"
            ),
        )


class Moved(models.Model):
    """A movement of an account of the lender, and how it was explained when it was taken."""

    pk = models.CompositePrimaryKey("tenant", "account", "bank_reference")
    tenant = models.TextField()
    account = models.TextField()
    bank_reference = models.TextField()
    day = models.DateField()
    value_day = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    other_side = models.TextField()
    said = models.TextField()
    became = models.TextField()
    subject = models.TextField()
    place = models.IntegerField(null=True)
    doubt = models.TextField()
    candidates = models.JSONField()
    why = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        """`subject` is its payment or loan, `place` that of the loan's event, `why` a refusal."""

        db_table = "payments_moved"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(became__in=["settled", "returned", "received", "suspended"]),
                name="payments_moved_became",
            ),
        )
        indexes = (
            models.Index(
                fields=["account", "bank_reference", "tenant"],
                condition=models.Q(became="suspended"),
                name="payments_moved_suspended",
            ),
        )


class Resolved(models.Model):
    """What a person did with a movement in suspense."""

    pk = models.CompositePrimaryKey("tenant", "account", "bank_reference", "place")
    tenant = models.TextField()
    account = models.TextField()
    bank_reference = models.TextField()
    place = models.IntegerField()
    became = models.TextField()
    subject = models.TextField()
    by = models.TextField()
    why = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        """A movement that was sent back and came again is resolved anew, at the next place."""

        db_table = "payments_resolved"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(became__in=["loan", "account", "sent back"]),
                name="payments_resolved_became",
            ),
        )
