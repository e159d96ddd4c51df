"""Expected profit of lending to a firm, as a function of amount and rate.

For an amount L at the annual rate r over t years (`term_days` / 365), repaid at the end:

- debt service each month   d = L (1 + r t) / (12 t): what the firm must set aside
- burden                    b = d / (verified monthly cash flow)
- default                   logit p(b) = logit(pd) + `burden_odds_slope` b
- profit if taken up        (1 - p) L r t - p lgd L - `funding_cost_annual` L t - operating cost
- expected profit           take-up(r) x profit if taken up

`pd` is read as the firm's probability of default before it serves this loan, which is cautious:
it rises with the loan and never falls. Without that rise profit is linear in L, and every limit
would run to a bound. A default loses `lgd` of the principal and all interest. An offer whose
burden exceeds `burden_max` is never made.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.money import minor_per_unit
from tradeline.risk.parameters import read_parameters
from tradeline.risk.pricing.response import ResponseCurves

Floats = NDArray[np.float64]
Minor = NDArray[np.int64]

DAYS_PER_YEAR = 365
MONTHS_PER_YEAR = 12
BASIS_POINT = 0.0001
WHERE = "pricing terms"


def round_minor(amounts: Floats) -> Minor:
    """Amounts in minor units as floats become money: to the nearest unit, halves to even."""
    return np.rint(amounts).astype(np.int64)


@dataclass(frozen=True, slots=True)
class PricingTerms:
    """What a lender decides or assumes about its loans; `parameters/pricing.yaml` says each."""

    amount_min_minor: int
    amount_max_minor: int
    amount_step_minor: int
    rate_min_annual: float
    rate_max_annual: float
    rate_step: float
    term_days: int
    lgd: float
    funding_cost_annual: float
    operating_cost_minor: int
    burden_odds_slope: float
    burden_max: float

    def __post_init__(self) -> None:
        """Raise `InputProblem` that lists every term that makes no sense."""
        broken = [message for holds, message in self._rules() if not holds]
        if broken:
            raise InputProblem(
                Finding("bad-term", Severity.ERROR, WHERE, message, "Mend the parameter.")
                for message in broken
            )

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        return (
            (
                0 < self.amount_min_minor <= self.amount_max_minor,
                "amount_min must be above 0 and at most amount_max.",
            ),
            (self.amount_step_minor > 0, "amount_step must be above 0."),
            (
                0 < self.rate_min_annual <= self.rate_max_annual <= 1,
                "rate_min_annual must be above 0 and at most rate_max_annual, both shares of 1.",
            ),
            (self.rate_step >= BASIS_POINT, "rate_step must be at least a basis point, 0.0001."),
            (self.term_days > 0, "term_days must be above 0."),
            (0 <= self.lgd <= 1, "lgd must lie in 0 to 1."),
            (0 <= self.funding_cost_annual <= 1, "funding_cost_annual must lie in 0 to 1."),
            (self.operating_cost_minor >= 0, "operating_cost must not be negative."),
            (self.burden_odds_slope >= 0, "burden_odds_slope must not be negative."),
            (self.burden_max > 0, "burden_max must be above 0."),
        )

    @property
    def term_years(self) -> float:
        """The term in years of 365 days."""
        return self.term_days / DAYS_PER_YEAR

    @property
    def amounts_minor(self) -> Minor:
        """Every amount that may be offered, rising; the greatest is always among them."""
        steps = np.arange(
            self.amount_min_minor,
            self.amount_max_minor,
            self.amount_step_minor,
            dtype=np.int64,
        )
        return np.append(steps, np.int64(self.amount_max_minor))

    def rates_annual(self, curves: ResponseCurves) -> Floats:
        """Every rate that may be offered, rising, in whole basis points within known take-up.

        Raises `InputProblem` if the curves know no rate between the bounds.
        """
        first, last, step = (
            round(rate / BASIS_POINT)
            for rate in (self.rate_min_annual, self.rate_max_annual, self.rate_step)
        )
        grid = np.union1d(np.arange(first, last, step), [last]) / round(1 / BASIS_POINT)
        low, high = curves.rate_bounds
        known = grid[(low <= grid) & (grid <= high)]
        if not known.size:
            raise problem(
                "no-known-rate",
                WHERE,
                f"Take-up is known from {low:.2%} to {high:.2%}, the rates to offer run from "
                f"{self.rate_min_annual:.2%} to {self.rate_max_annual:.2%}.",
                "Bring response curves that reach the rates to offer.",
            )
        return np.asarray(known, dtype=np.float64)


MONEY_TERMS = ("amount_min", "amount_max", "amount_step", "operating_cost")


def read_pricing_terms(on: date, currency: str) -> PricingTerms:
    """The terms of `parameters/pricing.yaml` on a date; money there is in units of `currency`."""
    values = {name: found.value for name, found in read_parameters("pricing", on).items()}
    unit = minor_per_unit(currency)
    money = {f"{name}_minor": round(values.pop(name) * unit) for name in MONEY_TERMS}
    return PricingTerms(**values, **money)


def burden(
    amounts_minor: Minor | Floats,
    rates_annual: Floats,
    cash_flow_minor: Floats,
    terms: PricingTerms,
) -> Floats:
    """Monthly debt service over monthly cash flow; infinite where there is no cash flow.

    The arguments broadcast; all money is in minor units, cash flow a month.
    """
    years = terms.term_years
    debt_service = amounts_minor * (1 + rates_annual * years) / (MONTHS_PER_YEAR * years)
    carried = np.where(cash_flow_minor > 0, cash_flow_minor, 1.0)
    return np.where(cash_flow_minor > 0, debt_service / carried, np.inf)


def raised_pd(pd: Floats, log_odds: float | Floats) -> Floats:
    """Probability of default after a rise of its log-odds; broadcasts."""
    growth = np.exp(np.minimum(log_odds, 700.0))
    return pd * growth / (1 - pd + pd * growth)


def pd_at_burden(pd: Floats, burdens: Floats, terms: PricingTerms) -> Floats:
    """Probability of default once the firm serves the loan: odds grow by exp(slope x burden)."""
    return raised_pd(pd, terms.burden_odds_slope * burdens)


def profit_if_taken(
    amounts_minor: Minor | Floats,
    rates_annual: Floats,
    pd: Floats,
    cash_flow_minor: Floats,
    terms: PricingTerms,
) -> Floats:
    """Expected profit of a loan that is taken up, in minor units, not rounded; broadcasts."""
    default = pd_at_burden(pd, burden(amounts_minor, rates_annual, cash_flow_minor, terms), terms)
    margin = (1 - default) * rates_annual * terms.term_years - default * terms.lgd
    funding = terms.funding_cost_annual * terms.term_years
    return amounts_minor * (margin - funding) - terms.operating_cost_minor


def expected_profit(
    amounts_minor: Minor | Floats,
    rates_annual: Floats,
    take_up: Floats,
    pd: Floats,
    cash_flow_minor: Floats,
    terms: PricingTerms,
) -> Floats:
    """Expected profit of an offer, in minor units, not rounded: take-up x profit if taken up."""
    return take_up * profit_if_taken(amounts_minor, rates_annual, pd, cash_flow_minor, terms)
