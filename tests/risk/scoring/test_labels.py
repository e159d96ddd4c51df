"""Only what was known by the moment is a label."""

from datetime import date, datetime, time

import duckdb

from tradeline.risk.scoring.labels import read_labels

MOMENT = datetime.combine(date(2020, 6, 30), time.max)


def test_outcomes_known_later_are_no_labels() -> None:
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE outcomes AS SELECT * FROM (VALUES "
        "('E1', true, 'D', TIMESTAMP '2020-06-30', TIMESTAMP '2020-06-30'), "
        "('E2', false, 'A', TIMESTAMP '2020-05-01', TIMESTAMP '2020-07-01'), "
        "('E3', false, NULL, TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-01'), "
        "('E4', false, 'A', TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-01')"
        ") AS t(enterprise, defaulted, rating, occurred_at, recorded_at)"
    )
    labels = read_labels(connection, MOMENT)
    assert labels.defaulted == {"E1": True, "E3": False, "E4": False}
    assert labels.ratings == {"E1": "D", "E4": "A"}
    assert labels.rating_places == {"E1": 1, "E4": 0}
