"""The retention clock: whose personal values have been kept as long as any purpose allows.

A subject has one key, so its values go together: when the longest period of any contract that
tells of it has ended. The clock of a contract starts with the subject's last record in it.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from tradeline.lake.contracts import BY_NAME
from tradeline.lake.reading import told_sql
from tradeline.lake.sealing import erased_sql
from tradeline.lake.store import Lake
from tradeline.lake.subjects import FIRM, SEALED, subject_sql

ANY = "any"
REGISTRY = "registrations"


@dataclass(frozen=True, slots=True)
class Period:
    """How many years a contract's personal values are kept for a purpose."""

    contract: str
    purpose: str
    years: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A subject that is not erased: its rows, and until when what keeps it longest keeps it.

    `legal_form` is what the registry last said of a firm, empty where it said nothing.
    """

    subject: str
    rows: int
    last: date
    until: date
    contract: str
    purpose: str
    legal_form: str
    held: bool

    def is_due(self, as_of: date) -> bool:
        """Whether nothing keeps its values any longer, on a date."""
        return self.until <= as_of and not self.held


def kept(lake: Lake, periods: Iterable[Period]) -> tuple[Kept, ...]:
    """Every subject of a lake that is not erased, by when its time ends."""
    longest = _longest(periods)
    connection = duckdb.connect()
    forms, held = _legal_forms(lake, connection), lake.held
    told: dict[tuple[str, str], list[tuple[date, str, int, date]]] = defaultdict(list)
    for dataset in SEALED:
        period = longest.get(dataset, longest[ANY])
        for subject, named, rows, last in _last_records(lake, connection, dataset):
            until = years_after(last, period.years)
            told[subject, named].append((until, dataset, rows, last))
    found = (
        _kept(named, datasets, longest, forms.get(named, ""), subject in held)
        for (subject, named), datasets in told.items()
    )
    return tuple(sorted(found, key=lambda item: (item.until, item.subject)))


def _longest(periods: Iterable[Period]) -> dict[str, Period]:
    """By contract, and `any`, the purpose that keeps longest."""
    found: dict[str, Period] = {}
    for period in periods:
        if period.contract not in found or period.years > found[period.contract].years:
            found[period.contract] = period
    return found


def _kept(
    subject: str,
    datasets: list[tuple[date, str, int, date]],
    longest: dict[str, Period],
    legal_form: str,
    held: bool,
) -> Kept:
    until, contract, _, _ = max(datasets)
    return Kept(
        subject=subject,
        rows=sum(rows for _, _, rows, _ in datasets),
        last=max(last for *_, last in datasets),
        until=until,
        contract=contract,
        purpose=longest.get(contract, longest[ANY]).purpose,
        legal_form=legal_form,
        held=held,
    )


def _last_records(
    lake: Lake, connection: duckdb.DuckDBPyConnection, dataset: str
) -> list[tuple[str, str, int, date]]:
    rows = told_sql(lake.root, dataset, lake.files_of(dataset))
    return connection.execute(
        f"SELECT subject, any_value({subject_sql(dataset)}), count(*), "
        f"CAST(max(greatest(occurred_at, recorded_at)) AS DATE) FROM ({rows}) "
        f"WHERE NOT {erased_sql(lake.erased)} GROUP BY subject"
    ).fetchall()


def _legal_forms(lake: Lake, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the registry last said of each firm, by subject."""
    if REGISTRY not in BY_NAME or not lake.files_of(REGISTRY):
        return {}
    rows = told_sql(lake.root, REGISTRY, lake.files_of(REGISTRY))
    return dict(
        connection.execute(
            f"SELECT '{FIRM}:' || enterprise, arg_max(legal_form, (occurred_at, recorded_at)) "
            f"FROM ({rows}) GROUP BY enterprise"
        ).fetchall()
    )


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 28 where there is none."""
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
