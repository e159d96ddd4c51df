"""The rows of loans: what was agreed, and what happened in the order of entry. Never changed."""

from django.db import models


class Loan(models.Model):
    """A loan: its contract as data."""

    pk = models.CompositePrimaryKey("tenant", "loan")
    tenant = models.TextField()
    loan = models.TextField()
    contract = models.JSONField()
    opened_at = models.DateTimeField()

    class Meta:
        """Told apart by lender and name."""

        db_table = "servicing_loan"


class LoanEvent(models.Model):
    """What happened to a loan, at its place in the order of entry."""

    pk = models.CompositePrimaryKey("tenant", "loan", "place")
    tenant = models.TextField()
    loan = models.TextField()
    place = models.IntegerField()
    kind = models.TextField()
    body = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        """One event at each place of a loan."""

        db_table = "servicing_event"
