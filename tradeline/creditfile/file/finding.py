"""Whether an enterprise is known at all: where not, who may be meant, or since when it is known."""

from datetime import datetime

import duckdb

from tradeline.creditfile.file.subject import Subject
from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.reading import rows_sql
from tradeline.lake.records import bucket_of
from tradeline.lake.store import BUCKETED, Lake

SUGGESTIONS = 3


def require_known(subject: Subject, lake: Lake | None) -> None:
    """InputProblem if nothing of an enterprise was told by then; it says what may help."""
    if subject.told:
        return
    name = subject.enterprise
    first = None if lake is None else _first_told(lake, name)
    if first is not None:
        raise problem(
            "not-known-yet",
            name,
            f"Nothing of this enterprise was recorded by {subject.moment.known_at:%Y-%m-%d}; the "
            f"first record of it was recorded on {first:%Y-%m-%d}.",
            "Choose a later day for --known-at.",
        )
    raise _unknown(subject, lake)


def _first_told(lake: Lake, enterprise: str) -> datetime | None:
    """When anything of an enterprise was recorded first, in all of the lake."""
    bucket = bucket_of(enterprise)
    firsts = []
    with duckdb.connect() as connection:
        for dataset in sorted(BUCKETED):
            files = lake.files_of(dataset, bucket)
            if files:
                rows = rows_sql(lake.root, files)
                found = connection.execute(
                    f"SELECT min(recorded_at) FROM ({rows}) WHERE enterprise = ?", [enterprise]
                ).fetchone()
                firsts += [moment for moment in found or () if moment is not None]
    return min(firsts, default=None)


def _unknown(subject: Subject, lake: Lake | None) -> InputProblem:
    alike = _alike(subject, lake)
    meant = f"Did you mean {' or '.join(map(repr, alike))}? " if alike else ""
    return problem(
        "unknown-enterprise",
        subject.enterprise,
        "Nothing is known of an enterprise of that name.",
        f"{meant}Write its identifier as its records have it.",
    )


def _alike(subject: Subject, lake: Lake | None) -> list[str]:
    """The identifiers that are written most alike; of a lake those of its list of enterprises."""
    with duckdb.connect() if lake else subject.connection.cursor() as connection:
        if lake:
            files = lake.files_of("enterprises")
            every = f"SELECT enterprise FROM ({rows_sql(lake.root, files)})" if files else ""
        else:
            every = " UNION ".join(
                f"SELECT enterprise FROM landed_{contract.name}"
                for contract in CONTRACTS
                if "enterprise" in contract.columns
            )
        if not every:
            return []
        rows = connection.execute(
            "SELECT enterprise, jaro_winkler_similarity(lower(enterprise), lower($1)) AS near "
            f"FROM (SELECT DISTINCT enterprise FROM ({every})) WHERE near > 0.7 "
            f"ORDER BY near DESC, enterprise LIMIT {SUGGESTIONS}",
            [subject.enterprise],
        ).fetchall()
    return [name for name, _ in rows]
