"""Simulated defaults, recoveries and draws whose true losses are known."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

START = datetime(2019, 1, 1, tzinfo=UTC)
RATE = 0.08
COST_SHARE = 0.05
# By segment: chance to cure, mean share that comes back otherwise, mean months that it takes.
SEGMENTS = {"secured": (0.35, 0.6, 10.0), "unsecured": (0.15, 0.3, 4.0)}
CONVERSION = {"secured": 0.2, "unsecured": 0.5}


@dataclass(frozen=True)
class Simulated:
    """The three tables, and the mean loss of each segment had every workout been seen whole."""

    defaults: pa.Table
    recoveries: pa.Table
    draws: pa.Table
    true_lgd: dict[str, float]


@cache
def simulate(loans: int, seed: int, years: float = 5.0) -> Simulated:
    """Defaults over some years; recoveries are listed however late they come."""
    generator = np.random.default_rng(seed)
    day = np.sort(generator.uniform(0, years * 365, loans))
    segment = generator.choice(list(SEGMENTS), loans, p=[0.3, 0.7])
    exposure = generator.lognormal(16, 1, loans).astype(np.int64) + 1000
    rows: list[tuple[str, datetime, int, int]] = []
    lost, closed = np.ones(loans), []
    for loan in range(loans):
        cure, share, months = SEGMENTS[segment[loan]]
        if generator.random() < cure:
            events = [(generator.uniform(20, 90), 1.0)]
        else:
            parts = 1 + generator.poisson(2)
            each = generator.beta(2 * share, 2 * (1 - share)) / parts
            events = [(d, each) for d in np.sort(generator.exponential(months * 30, parts))]
        for passed, part in events:
            moment = day[loan] + passed
            amount = int(part * exposure[loan])
            cost = int(COST_SHARE * amount)
            rows.append((f"L{loan:05d}", START + timedelta(days=float(moment)), amount, cost))
            if passed < 36 * 365 / 12:
                lost[loan] -= (amount - cost) / exposure[loan] / (1 + RATE) ** (passed / 365)
        closed.append(START + timedelta(days=float(day[loan] + events[-1][0] + 30)))
    numbers = [f"L{loan:05d}" for loan in range(loans)]
    moments = [START + timedelta(days=float(value)) for value in day]
    defaults = pa.table(
        {
            "enterprise": [f"E{loan:05d}" for loan in range(loans)],
            "loan_no": numbers,
            "segment": segment.tolist(),
            "defaulted_at": moments,
            "exposure_minor": exposure,
            "rate_annual": np.full(loans, RATE),
            "closed_at": closed,
        }
    )
    names = ("loan_no", "received_at", "amount_minor", "cost_minor")
    return Simulated(
        defaults,
        _table(names, rows),
        _draws(numbers, moments, segment, exposure, generator),
        {name: float(lost[segment == name].mean()) for name in SEGMENTS},
    )


def _draws(
    numbers: list[str],
    moments: list[datetime],
    segment: NDArray[np.str_],
    exposure: NDArray[np.int64],
    generator: np.random.Generator,
) -> pa.Table:
    """A look at each line every 30 days; what is undrawn is partly drawn before default."""
    rows = []
    for number, moment, name, owed in zip(numbers, moments, segment, exposure, strict=True):
        drawn = generator.beta(2, 2)
        part = np.clip(generator.normal(CONVERSION[name], 0.1), 0, 1)
        limit = owed / (drawn + part * (1 - drawn))
        rows += [
            (number, moment - timedelta(days=30 * step + 1), int(limit), int(drawn * limit))
            for step in range(13)
        ]
    return _table(("loan_no", "observed_at", "limit_minor", "drawn_minor"), rows)


def _table(names: tuple[str, ...], rows: list[Any]) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table({name: list(column) for name, column in zip(names, columns, strict=True)})
