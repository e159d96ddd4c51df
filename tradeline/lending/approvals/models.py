"""The rows of proposals: which action, and what people did about it. Never changed."""

from django.db import models


class Proposed(models.Model):
    """What one person proposes: an event at its place in the history of an agreement."""

    pk = models.CompositePrimaryKey("tenant", "proposal")
    tenant = models.TextField()
    proposal = models.TextField()
    agreement = models.TextField()
    kind = models.TextField()
    body = models.JSONField()
    fingerprint = models.TextField()
    maker = models.TextField()
    why = models.TextField()
    at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    by_way_of = models.TextField()

    class Meta:
        """Named as no other; `by_way_of` is the command that carries it out, if it does more."""

        db_table = "approvals_proposal"


class Stepped(models.Model):
    """What somebody did about a proposal."""

    pk = models.CompositePrimaryKey("tenant", "proposal", "place")
    tenant = models.TextField()
    proposal = models.TextField()
    place = models.IntegerField()
    kind = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    fingerprint = models.TextField()
    why = models.TextField()

    class Meta:
        """A step of a kind is done once: a proposal is decided once, and carried out once."""

        db_table = "approvals_step"
        constraints = (
            models.UniqueConstraint(
                fields=["proposal", "kind", "tenant"], name="approvals_step_once"
            ),
        )
