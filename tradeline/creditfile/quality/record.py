"""The quality of each enterprise's data as one frozen record, for all enterprises at once."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from tradeline.creditfile.features.firms import read_enterprises
from tradeline.creditfile.quality.accuracy import Accuracy, read_accuracy
from tradeline.creditfile.quality.completeness import Filled, Rhythm, read_filled, read_rhythms
from tradeline.creditfile.quality.consistency import (
    Conflict,
    Consistency,
    compared,
    read_conflicts,
    read_consistency,
)
from tradeline.creditfile.quality.reconciliation import Reconciliation, read_reconciliations
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.timeliness import Timeliness, read_timeliness
from tradeline.creditfile.quality.told import create_views
from tradeline.lake.reading import Moment
from tradeline.lake.sealing import plainly

CONFLICTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of what is known of one enterprise, of what occurred by `as_of`, at `known_at`.

    Moments are naive UTC. A measure that nothing can be said of is absent or None, never perfect.
    Of `conflicts` those are kept that come first, 20 of a dataset; `consistency` counts all.
    """

    enterprise: str
    as_of: datetime
    known_at: datetime
    timeliness: tuple[Timeliness, ...]
    rhythms: tuple[Rhythm, ...]
    filled: tuple[Filled, ...]
    reconciliations: tuple[Reconciliation, ...]
    consistency: tuple[Consistency, ...]
    conflicts: tuple[Conflict, ...]
    accuracy: tuple[Accuracy, ...]


@plainly()
def read_quality(
    connection: duckdb.DuckDBPyConnection,
    moment: Moment,
    terms: QualityTerms,
    held: Collection[str] | None = None,
) -> tuple[Quality, ...]:
    """The quality of every firm in `enterprises`, sorted by enterprise.

    The connection is a lake's or that of a landed folder; one that holds but few rows is read in
    less time if it is said which tables are `held`. Raises `InputProblem` without a table of
    enterprises, where sources feed each other in a circle, or where a personal value is erased;
    from a connection that shows what is erased, it counts as empty.
    """
    enterprises = read_enterprises(connection)
    contracts = create_views(connection, moment, terms.fed_by, held)
    timeliness = read_timeliness(connection, contracts, moment.as_of, terms)
    rhythms = read_rhythms(connection, contracts, moment.as_of, terms)
    filled = read_filled(connection, contracts)
    reconciled = read_reconciliations(connection, contracts, moment.as_of, terms)
    several = compared(connection, contracts)
    consistency = read_consistency(connection, several)
    conflicts = read_conflicts(connection, several, most=CONFLICTS_SHOWN)
    accuracy = read_accuracy(connection, contracts, several, terms)
    return tuple(
        Quality(
            enterprise=firm,
            as_of=moment.as_of,
            known_at=moment.known_at,
            timeliness=tuple(timeliness.get(firm, ())),
            rhythms=tuple(rhythms.get(firm, ())),
            filled=tuple(filled.get(firm, ())),
            reconciliations=tuple(reconciled.get(firm, ())),
            consistency=tuple(consistency.get(firm, ())),
            conflicts=tuple(conflicts.get(firm, ())),
            accuracy=tuple(accuracy.get(firm, ())),
        )
        for firm in enterprises
    )


def quality_table(quality: Quality) -> dict[str, Any]:
    """The record as plain tables and texts, as it stands in JSON; moments are ISO 8601 in UTC."""
    return {
        "as_of": _text(quality.as_of),
        "known_at": _text(quality.known_at),
        "timeliness": [
            asdict(item)
            | {"first": _text(item.first), "last": _text(item.last), "fresh": item.fresh}
            for item in quality.timeliness
        ],
        "rhythms": [
            asdict(item) | {"first_month": item.first_month.isoformat()} for item in quality.rhythms
        ],
        "filled": _plain(quality.filled),
        "reconciliations": _plain(quality.reconciliations),
        "consistency": _plain(quality.consistency),
        "conflicts": _plain(quality.conflicts),
        "accuracy": _plain(quality.accuracy),
    }


def _plain(
    items: Sequence[Filled | Reconciliation | Consistency | Conflict | Accuracy],
) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]


def _text(moment: datetime) -> str:
    return f"{moment.isoformat()}Z"
