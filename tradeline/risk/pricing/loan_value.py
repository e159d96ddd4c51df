"""What a unit of credit is expected to earn over its term: the economics behind `price_book.py`.

For cumulative PDs P(s) by month s, one unit of limit at the annual rate r over m months:

- drawn D(s)      at the start of month s: the balance of a loan, or the utilisation of a line
- exposure E(s)   D(s) + credit conversion x what is undrawn of a line (Basel's EAD)
- stay C(s)       share that has not paid back or left before month s: (1 - churn(r))^(s - 1)
- v(s)            1 / (1 + funding / 12)^s: what is earned later is worth less

- earned safely   A = fee + sum C v [D (r - funding) - E x capital charge] / 12
- lost by default B = sum C v [P(s) D r / 12 - P(s - 1) (D funding + E x capital charge) / 12
                               + (P(s) - P(s - 1)) lgd E]

A firm that defaults pays no interest from that month on, and costs no funds or capital after it;
its loss is `lgd` of what it owes then. Debt service raises default: with the burden b, all debt
service over the verified monthly cash flow, every P(s) grows by the factor g(b), so that

    profit if taken up = limit x (A - g(b) B) - cost

The factor follows the law of `profit.py`, logit p(b) = logit P(m) + `burden_odds_slope` x b, as a
quadratic g(b) = 1 + rise b + bend b^2 that meets it at no burden, at half of the greatest one and
at the greatest: the best limit then has a closed form, and no decision needs an exponential. Where
such a quadratic would fall or bend down, one that does neither stands in.

Sources: Thomas (2009), Consumer Credit Models, on profit, take-up and churn of an account; Basel
Committee (2006), International Convergence of Capital Measurement, on exposure at default.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tradeline.risk.pricing.expected_loss import (
    MONTHS_PER_YEAR,
    discounts,
    losses_by_month,
)
from tradeline.risk.pricing.lender_terms import LenderTerms, Product, Repayment, on_curve
from tradeline.risk.pricing.profit import raised_pd

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class UnitValue:
    """A unit of limit over one term: `safe` (rates,), `lost`, `loss` and `months` (scores, rates).

    `safe` is A and `lost` B of the module; `loss` is the part of B that IFRS 9 calls expected loss,
    `months` the discounted months in which the loan is served.
    """

    safe: Floats
    lost: Floats
    loss: Floats
    months: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """How PDs grow with the burden b, by score: 1 + `rise` b + `bend` b^2, both (scores,)."""

    rise: Floats
    bend: Floats


def balances(rates_annual: Floats, months: int, repayment: Repayment) -> Floats:
    """What is owed of a unit at the start of each month, shape (rates, months)."""
    if repayment is Repayment.AT_END:
        return np.ones((len(rates_annual), months))
    growth = 1 + rates_annual[:, None] / MONTHS_PER_YEAR
    return (growth**months - growth ** np.arange(months)) / (growth**months - 1)


def debt_service(rates_annual: Floats, months: int, repayment: Repayment) -> Floats:
    """What a firm must set aside each month for a unit of limit, shape (rates,).

    An instalment; or, where principal comes back at the end, an even part of all that is due by
    then. A line counts as drawn in full.
    """
    monthly = rates_annual / MONTHS_PER_YEAR
    if repayment is Repayment.AT_END:
        return (1 + monthly * months) / months
    return monthly / (1 - (1 + monthly) ** -months)


def apr(rate_annual: float, months: int, repayment: Repayment, fee: float) -> float:
    """The annual percentage rate: the nominal rate that, compounding monthly, balances what is
    paid out, a unit less the fee, with what is paid back (internal rate of return x 12).
    """  # noqa: D205
    if not fee:
        return rate_annual
    at = np.array([rate_annual])
    paid = np.full(months, rate_annual / MONTHS_PER_YEAR)
    if repayment is Repayment.AT_END:
        paid[-1] += 1
    else:
        paid[:] = debt_service(at, months, repayment)

    def shortfall(rate: float) -> float:
        return float((paid * discounts(rate, months)).sum() - (1 - fee))

    return float(brentq(shortfall, rate_annual, 12.0 / (1 - fee) + rate_annual, xtol=1e-12))


def unit_value(terms: LenderTerms, term: int, rates_annual: Floats, pds: Floats) -> UnitValue:
    """A unit over the term at a place of `terms_months`; `pds` (scores, months) are cumulative."""
    months = terms.terms_months[term]
    by_end = pds[:, None, :months]
    by_start = np.concatenate([np.zeros_like(by_end[..., :1]), by_end[..., :-1]], axis=-1)
    drawn, exposure = _drawn(terms, rates_annual, months)
    funding = terms.funding_annual[term]
    discount = discounts(funding, months)
    churn = on_curve(terms.churn_monthly, rates_annual)
    weight = (1 - churn[:, None]) ** np.arange(months) * discount
    interest = drawn * rates_annual[:, None] / MONTHS_PER_YEAR
    carried = (drawn * funding + exposure * terms.capital.charge_annual) / MONTHS_PER_YEAR
    loss = losses_by_month(by_end, exposure, terms.lgd, weight)
    lost = weight * (by_end * interest - by_start * carried) + loss
    return UnitValue(
        safe=terms.fee + (weight * (interest - carried)).sum(axis=-1),
        # Only a loan that earns less than its funds could gain by default.
        lost=np.maximum(lost.sum(axis=-1), 0.0),
        loss=loss.sum(axis=-1),
        months=(weight * (1 - by_start)).sum(axis=-1),
    )


def _drawn(terms: LenderTerms, rates_annual: Floats, months: int) -> tuple[Floats, Floats]:
    """What is drawn of a unit and what is exposed, each (rates, months)."""
    if terms.product is Product.TERM_LOAN:
        owed = balances(rates_annual, months, terms.repayment)
        return owed, owed
    used = on_curve(terms.utilisation, np.arange(1.0, months + 1))
    drawn = np.broadcast_to(used, (len(rates_annual), months))
    return drawn, drawn + terms.credit_conversion * (1 - drawn)


def growth_with_burden(pds: Floats, odds_slope: float, burden_max: float) -> Growth:
    """The quadratic through the law of default at no, half and the greatest burden; pds (scores,).

    The factor rises and is convex whatever the law does: profit is then concave in the amount.
    """
    half = burden_max / 2
    known = np.maximum(pds, np.finfo(np.float64).tiny)
    at_half, at_most = (
        raised_pd(known, odds_slope * burden) / known for burden in (half, 2 * half)
    )
    bend = np.maximum((at_most - 2 * at_half + 1) / (2 * half**2), 0.0)
    rise = (at_half - 1) / half - bend * half
    steep = rise < 0
    rise = np.where(steep, 0.0, rise)
    return Growth(rise, np.where(steep, (at_most - 1) / burden_max**2, bend))
