"""What is known of earlier loans by a moment: who defaulted, and how the bank rated whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb


@dataclass(frozen=True, slots=True)
class Labels:
    """Outcome and rating by enterprise; a firm without rating has none in `ratings`."""

    defaulted: Mapping[str, bool]
    ratings: Mapping[str, str]

    @property
    def rating_places(self) -> dict[str, int]:
        """The place of each rated firm on the bank's scale, in the order of names, 0 the best."""
        scale = sorted(set(self.ratings.values()))
        return {firm: scale.index(rating) for firm, rating in self.ratings.items()}


def read_labels(connection: duckdb.DuckDBPyConnection, moment: datetime) -> Labels:
    """The outcomes that were known at a moment (naive UTC)."""
    rows = connection.execute(
        "SELECT enterprise, defaulted, rating FROM outcomes "
        "WHERE occurred_at <= $1 AND recorded_at <= $1 ORDER BY enterprise",
        [moment],
    ).fetchall()
    return Labels(
        {firm: defaulted for firm, defaulted, _ in rows},
        {firm: rating for firm, _, rating in rows if rating},
    )
