"""Applications as they come: who asks, what is known of the firm, how old that is, and consent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.moments import naive_utc
from tradeline.lake.columns import Columns, objects

# What a lender must know of a firm beside its features; money is a month's where it flows.
CASH_FLOW = "cash_flow_minor"
DEBT_SERVICE = "debt_service_minor"
EXPOSURE = "exposure_minor"
SECTOR_EXPOSURE = "sector_exposure_minor"
REQUESTED = "requested_minor"
SECTOR = "sector"
CURRENCY = "currency"
MONEY = (CASH_FLOW, DEBT_SERVICE, EXPOSURE, SECTOR_EXPOSURE, REQUESTED)
# What the engine itself says to the policy.
SCORE, PD, GRADE = "score", "pd", "grade"


@dataclass(frozen=True, slots=True)
class Application:
    """One application. `values` are features and facts by name, `ages_days` how old each is.

    `consent_until` is the moment until which the enterprise lets its data be used for this, None
    where it does not.
    """

    application: str
    enterprise: str
    consent_until: datetime | None
    values: Mapping[str, object]
    ages_days: Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Applications:
    """Many applications as columns, each (rows,).

    `consent_until` is datetime64[us] in UTC, NaT for none. A column of `values` or `ages_days`
    holds numbers, flags, days or texts; what is masked, None or NaN is missing.
    """

    application: NDArray[Any]
    enterprise: NDArray[Any]
    consent_until: NDArray[np.datetime64]
    values: Columns
    ages_days: Columns

    def __len__(self) -> int:
        return len(self.application)


def as_columns(applications: Sequence[Application]) -> Applications:
    """Applications as columns of objects: nothing is converted, so nothing is misread."""
    return Applications(
        objects([one.application for one in applications]),
        objects([one.enterprise for one in applications]),
        np.array([_moment(one.consent_until) for one in applications], dtype="datetime64[us]"),
        _by_name([one.values for one in applications]),
        _by_name([one.ages_days for one in applications]),
    )


def some(applications: Applications, rows: NDArray[np.int64]) -> Applications:
    """The applications of some rows."""
    return Applications(
        applications.application[rows],
        applications.enterprise[rows],
        applications.consent_until[rows],
        {name: column[rows] for name, column in applications.values.items()},
        {name: column[rows] for name, column in applications.ages_days.items()},
    )


def _by_name(rows: Sequence[Mapping[str, object]]) -> Columns:
    names = sorted(set().union(*rows))
    return {name: objects([row.get(name) for row in rows]) for name in names}


def _moment(moment: datetime | None) -> datetime | None:
    return None if moment is None else naive_utc(moment)


def sectors_of(applications: Applications) -> NDArray[np.object_]:
    """The sector of each application (rows,), None where it is no text."""
    column = applications.values.get(SECTOR)
    if column is None:
        return np.full(len(applications), None, dtype=object)
    values = np.ma.getdata(column).astype(object)
    values[np.ma.getmaskarray(column)] = None
    return objects([value if type(value) is str else None for value in values.tolist()])


def money_of(value: object) -> object:
    """Money as a whole number; None where there is none, anything else as it came.

    A whole float is the integer that it is: a table that lacks a value somewhere holds floats.
    """
    if type(value) is float:
        if value != value:
            return None
        return int(value) if value.is_integer() else value
    return value
