"""Whether an enterprise is known at all: where not, who may be meant, or since when it is known."""

from datetime import datetime

import duckdb

from tradeline.creditfile.file.subject import Subject
from tradeline.creditfile.linkage.near_identifiers import near, near_in_lake
from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.reading import rows_sql
from tradeline.lake.records import bucket_of
from tradeline.lake.store import BUCKETED, Lake


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
    meant = near_in_lake(lake, subject.enterprise) if lake else _near_in_folder(subject)
    return problem(
        "unknown-enterprise",
        subject.enterprise or "ENTERPRISE",
        "Nothing is known of an enterprise of that identifier.",
        f"{meant}Write it as its records have it; a name is not looked up.",
    )


def _near_in_folder(subject: Subject) -> str:
    every = [
        f"SELECT enterprise FROM landed_{contract.name}"
        for contract in CONTRACTS
        if "enterprise" in contract.columns
    ]
    with subject.connection.cursor() as connection:
        return near(connection, every, subject.enterprise)
