"""The rows of agreements: what was agreed, what happened in the order of entry. Never changed."""

from django.db import models


class Agreement(models.Model):
    """A loan, line, advance or financing: its contract as data."""

    pk = models.CompositePrimaryKey("tenant", "agreement")
    tenant = models.TextField()
    agreement = models.TextField()
    kind = models.TextField()
    contract = models.JSONField()
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
