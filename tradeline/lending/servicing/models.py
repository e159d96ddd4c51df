"""The rows of agreements: what was agreed, what happened in the order of entry. Never changed."""

from django.db import models


class Agreement(models.Model):
    """A loan, line, advance or financing: its contract as data, and how lenders share it.

    `product` is the one that it was sold as; empty if none was named.
    """

    pk = models.CompositePrimaryKey("tenant", "agreement")
    tenant = models.TextField()
    agreement = models.TextField()
    kind = models.TextField()
    contract = models.JSONField()
    lenders = models.JSONField(null=True)
    product = models.TextField()
    opened_at = models.DateTimeField()

    class Meta:
        """Told apart by tenant and name."""

        db_table = "servicing_agreement"


class AgreementEvent(models.Model):
    """What happened to an agreement, at its place in the order of entry."""

    pk = models.CompositePrimaryKey("tenant", "agreement", "place")
    tenant = models.TextField()
    agreement = models.TextField()
    place = models.IntegerField()
    kind = models.TextField()
    body = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        """One event at each place of an agreement."""

        db_table = "servicing_event"


class ShareSale(models.Model):
    """A lender sold a share of an agreement to another."""

    pk = models.CompositePrimaryKey("tenant", "agreement", "place")
    tenant = models.TextField()
    agreement = models.TextField()
    place = models.IntegerField()
    body = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        """One sale at each place of an agreement."""

        db_table = "servicing_sale"


class EndedDay(models.Model):
    """A day of an agreement that ended: how it stood then, and what is provided for it since."""

    pk = models.CompositePrimaryKey("tenant", "agreement", "day")
    tenant = models.TextField()
    agreement = models.TextField()
    day = models.DateField()
    events = models.IntegerField()
    principal_minor = models.BigIntegerField()
    owed_minor = models.BigIntegerField()
    allowance_minor = models.BigIntegerField()
    paid_out_minor = models.BigIntegerField()
    paid_out_on = models.DateField(null=True)
    days_late = models.IntegerField()
    is_lost = models.BooleanField()
    is_forborne = models.BooleanField()
    is_over = models.BooleanField()
    recorded_at = models.DateTimeField()
    stage = models.SmallIntegerField()
    interest_minor = models.BigIntegerField()
    suspended_minor = models.BigIntegerField()

    class Meta:
        """A day of an agreement ends once."""

        db_table = "servicing_ended_day"


class RiskFact(models.Model):
    """That an agreement is provided for by stage, a rating of it, or a valuation of collateral."""

    pk = models.CompositePrimaryKey("tenant", "agreement", "place")
    tenant = models.TextField()
    agreement = models.TextField()
    place = models.IntegerField()
    kind = models.TextField()
    body = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        """One fact at each place of an agreement."""

        db_table = "servicing_risk_fact"


class GradePds(models.Model):
    """The PDs of a grade by the end of month 1, 2, ..., in force from a day on."""

    pk = models.CompositePrimaryKey("tenant", "place")
    tenant = models.TextField()
    place = models.IntegerField()
    grade = models.TextField()
    since = models.DateField()
    cumulative = models.JSONField()
    entered_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        """Curves of a tenant in the order of entry."""

        db_table = "servicing_pds"


class Look(models.Model):
    """How an agreement by stage stood on a day, by so many of its events.

    The look by the most events counts. `months` is how long it still ran; 0 if nothing was owed.
    """

    pk = models.CompositePrimaryKey("tenant", "agreement", "day", "events")
    tenant = models.TextField()
    agreement = models.TextField()
    day = models.DateField()
    events = models.IntegerField()
    days_late = models.IntegerField()
    is_forborne = models.BooleanField()
    months = models.IntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        """A day is looked at once with the same events."""

        db_table = "servicing_look"


class ClosedDay(models.Model):
    """A day that ended for all agreements of a tenant.

    `findings` tell of those that could not be worked out, and of those whose PD is not known.
    """

    pk = models.CompositePrimaryKey("tenant", "day")
    tenant = models.TextField()
    day = models.DateField()
    findings = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        """A day is closed once."""

        db_table = "servicing_closed_day"


class Claim(models.Model):
    """A document that is financed, known by keyed hashes, in a register that lenders share.

    It is there for all tenants to meet; once released it is free again. Nothing else changes.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.TextField()
    register = models.TextField()
    agreement = models.TextField()
    financing = models.TextField()
    claimed_on = models.DateField()
    whole = models.TextField()
    by_number = models.TextField()
    by_amount = models.TextField()
    order_print = models.TextField(null=True)
    bills = models.TextField(null=True)
    released_on = models.DateField(null=True)

    class Meta:
        """The same document is financed once, whoever lends; others are found by each hash."""

        db_table = "servicing_claim"
        constraints = (
            models.UniqueConstraint(
                fields=["whole", "register"],
                condition=models.Q(released_on__isnull=True),
                name="servicing_claim_once",
            ),
            models.UniqueConstraint(
                fields=["agreement", "tenant"], name="servicing_claim_of_agreement"
            ),
        )
        indexes = (
            models.Index(fields=["by_number", "register"], name="servicing_claim_number"),
            models.Index(fields=["by_amount", "register"], name="servicing_claim_amount"),
            models.Index(fields=["order_print", "register"], name="servicing_claim_order"),
            models.Index(fields=["bills", "register"], name="servicing_claim_bills"),
        )
