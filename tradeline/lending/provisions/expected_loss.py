"""Expected credit loss of many loans at once: of twelve months, of the remaining life, in default.

For month m of a loan that is not in default,

    PD of the month x LGD x exposure of the month / (1 + effective rate) ** (m / 12)

summed over twelve months in stage 1, over the remaining life in stage 2 (IFRS 9, 5.5.3, 5.5.5 and
B5.5.28). In stage 3 the default has happened: LGD x what is owed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.lending.provisions.stages import Stage
from tradeline.risk.pricing.profit import round_minor

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Loans:
    """Loans as arrays, a row for each.

    `pds` are cumulative PDs by the end of month 1, 2, ... from now (loans x months); `exposure` is
    what is owed if the default comes in that month, zero after the last payment, and `owed` what is
    owed now, in minor units; `lgd` is a share and `rate_annual` the effective rate.
    """

    stage: Ints
    pds: Floats
    exposure: Floats
    owed: Floats
    lgd: Floats
    rate_annual: Floats


def expected_loss(loans: Loans) -> Ints:
    """The provision that each loan needs, in minor units.

    InputProblem if anything is missing or no probability, or if an exposure outlasts the PDs: what
    is not known is not provided for with zero.
    """
    _check(loans)
    months = np.arange(1, loans.pds.shape[1] + 1)
    before = np.hstack([np.zeros((len(loans.pds), 1)), loans.pds[:, :-1]])
    discounted = (1 + loans.rate_annual[:, None]) ** (-months / YEAR_MONTHS)
    counts = (loans.stage[:, None] > 1) | (months <= YEAR_MONTHS)
    losses = np.where(counts, (loans.pds - before) * loans.exposure * discounted, 0.0)
    performing = np.einsum("ij->i", losses) * loans.lgd
    return round_minor(np.where(loans.stage == 3, loans.owed * loans.lgd, performing))


def weighted(losses: Sequence[Ints], weights: Sequence[Fraction]) -> Ints:
    """Losses under several scenarios, weighted by how likely each is; weights add up to 1."""
    if sum(weights) != 1 or min(weights, default=Fraction(0)) < 0 or len(weights) != len(losses):
        raise problem(
            "bad-weights",
            "scenarios",
            f"{len(losses)} scenarios have weights that add up to {sum(weights)}.",
            "Give each scenario a weight from 0 on, so that all add up to 1.",
        )
    common = np.lcm.reduce([weight.denominator for weight in weights])
    parts = [int(weight * int(common)) * loss for weight, loss in zip(weights, losses, strict=True)]
    total: Ints = np.sum(parts, axis=0)
    return round_minor(total / float(common))


def interest_revenue(
    stage: Stage, owed_minor: int, provision_minor: int, rate_annual: Fraction, year_share: Fraction
) -> Fraction:
    """The interest of a part of a year, exactly, in minor units.

    On what is owed in stages 1 and 2, in stage 3 on what is left of it after the provision (IFRS 9,
    5.4.1).
    """
    base = owed_minor - provision_minor if stage == 3 else owed_minor
    return base * rate_annual * year_share


def _check(loans: Loans) -> None:
    pds, shares = loans.pds, loans.lgd
    arrays = (pds, loans.exposure, loans.owed, shares, loans.rate_annual)
    rows = {len(array) for array in (*arrays, loans.stage)}
    sound = (
        len(rows) == 1
        and pds.shape == loans.exposure.shape
        and all(np.isfinite(array).all() for array in arrays)
        and np.isin(loans.stage, (1, 2, 3)).all()
        and ((pds >= 0) & (pds <= 1)).all()
        and (np.diff(pds, axis=1) >= 0).all()
        and ((shares >= 0) & (shares <= 1)).all()
        and min(loans.exposure.min(initial=0), loans.owed.min(initial=0)) >= 0
        and loans.rate_annual.min(initial=0) > -1
    )
    if not sound:
        raise problem(
            "no-expected-loss",
            "expected loss",
            "A stage, PD, LGD, exposure or rate is missing or is none, or PDs fall from month to "
            "month.",
            "Give every loan a stage of 1 to 3, rising PDs, an LGD from 0 to 1, and amounts "
            "from 0 on.",
        )


def exposures(owed_after_month: Sequence[Sequence[int]], months: int) -> Floats:
    """What is owed in each month (loans x months) out of what schedules leave after each month.

    InputProblem if a loan runs longer than the PDs speak.
    """
    longest = max((len(each) for each in owed_after_month), default=0)
    if longest > months:
        raise problem(
            "pds-too-short",
            "expected loss",
            f"A loan runs for {longest} months, the PDs speak of {months}.",
            "Use a term structure that covers the longest loan.",
        )
    found = np.zeros((len(owed_after_month), months))
    for row, each in zip(found, owed_after_month, strict=True):
        row[: len(each)] = each
    return found
