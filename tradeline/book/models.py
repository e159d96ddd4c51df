"""The rows of the event log: what happened, what waits for its place, and the places."""

from django.db import models


class Event(models.Model):
    """What happened, written in the transaction in which it happened; never changed."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.TextField()
    name = models.TextField()
    key = models.TextField(null=True)
    input_hash = models.BinaryField(null=True)
    body = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        """One event for each key of a tenant."""

        db_table = "book_event"
        constraints = (
            models.UniqueConstraint(
                fields=["key", "tenant"],
                condition=models.Q(key__isnull=False),
                name="book_event_key",
            ),
        )


class Pending(models.Model):
    """An event that was committed and has no place in the order of all yet."""

    event = models.OneToOneField(
        Event, models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    tenant = models.TextField()

    class Meta:
        """A queue: the only rows of the log that are taken away."""

        db_table = "book_pending"


class Published(models.Model):
    """The place of an event in the order of all: given after commit, without gaps."""

    pk = models.CompositePrimaryKey("tenant", "position")
    tenant = models.TextField()
    position = models.BigIntegerField()
    event = models.OneToOneField(Event, models.DO_NOTHING, db_constraint=False, related_name="+")

    class Meta:
        """An event has one place."""

        db_table = "book_published"
