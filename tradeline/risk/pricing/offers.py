"""What may be offered to each firm, what an offer earns and costs, and what limits them all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import minor_per_unit
from tradeline.risk.pricing.profit import (
    Floats,
    Minor,
    PricingTerms,
    burden,
    expected_profit,
    round_minor,
)

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Bound = Literal["offers", "expected drawings"]

NO_OFFER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Every offer that may be made: an amount and a rate for each firm.

    `amounts_minor` (amounts,) and `rates_annual` (rates,) rise. `profit_minor` (firms, amounts,
    rates) is expected profit, take-up counted; `take_up` has shape (firms, rates). `affordable`
    (firms, amounts, rates) says which debt service the firm can carry, `eligible` (firms,) who may
    be lent to at all.
    """

    amounts_minor: Minor
    rates_annual: Floats
    profit_minor: Minor
    take_up: Floats
    affordable: Flags
    eligible: Flags

    @property
    def earning(self) -> Flags:
        """Offers that may be made and earn something (firms, amounts, rates)."""
        return self.affordable & self.eligible[:, None, None] & (self.profit_minor > 0)

    def drawings_minor(self, firm: int) -> Minor:
        """Expected drawings of one firm, take-up x amount, rounded (amounts, rates)."""
        return round_minor(self.amounts_minor[:, None] * self.take_up[firm])

    def offers(self, amount_at: Ints, rate_at: Ints) -> "Offers":
        """The offers at places in the amounts and rates (firms,); `NO_OFFER` for none."""
        made, firms = amount_at != NO_OFFER, np.arange(len(amount_at))
        amount = np.where(made, self.amounts_minor[amount_at], 0)
        take_up = np.where(made, self.take_up[firms, rate_at], 0.0)
        return Offers(
            amount_minor=amount,
            rate_annual=np.where(made, self.rates_annual[rate_at], np.nan),
            profit_minor=np.where(made, self.profit_minor[firms, amount_at, rate_at], 0),
            drawn_minor=round_minor(amount * take_up),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """At most one offer for each firm, all (firms,): amount 0 and rate NaN where there is none.

    `profit_minor` is expected profit, `drawn_minor` expected drawings: take-up x amount.
    """

    amount_minor: Minor
    rate_annual: Floats
    profit_minor: Minor
    drawn_minor: Minor

    @property
    def total_offered_minor(self) -> int:
        """The sum of amounts: what is drawn if every firm accepts."""
        return int(self.amount_minor.sum())

    @property
    def total_drawn_minor(self) -> int:
        """The sum of expected drawings."""
        return int(self.drawn_minor.sum())

    @property
    def total_profit_minor(self) -> int:
        """The sum of expected profit."""
        return int(self.profit_minor.sum())


def price_choices(
    rates_annual: Floats,
    take_up: Floats,
    pd: Floats,
    cash_flow_minor: Floats,
    eligible: Flags,
    terms: PricingTerms,
    lgd: Floats | None = None,
) -> Choices:
    """Expected profit of every offer; an eligible firm needs a PD and a cash flow.

    `take_up` has shape (firms, rates), `rates_annual` (rates,), all else (firms,). `lgd` replaces
    that of the terms, firm by firm.
    """
    amounts = terms.amounts_minor
    profit = np.zeros((len(pd), len(amounts), len(rates_annual)), dtype=np.int64)
    affordable = np.zeros(profit.shape, dtype=np.bool_)
    for firm in np.flatnonzero(eligible).tolist():
        of_firm = terms if lgd is None else replace(terms, lgd=float(lgd[firm]))
        cash, risk = cash_flow_minor[firm : firm + 1], pd[firm : firm + 1]
        offer = (amounts[:, None], rates_annual)
        profit[firm] = round_minor(expected_profit(*offer, take_up[firm], risk, cash, of_firm))
        affordable[firm] = burden(*offer, cash, of_firm) <= terms.burden_max
    return Choices(amounts, rates_annual, profit, take_up, affordable, eligible)


@dataclass(frozen=True, slots=True)
class Limits:
    """What all offers together may cost.

    The budget binds either the sum of offers or that of expected drawings, which is what firms
    are likely to take up. `caps` gives an industry's greatest share of the budget, counted in the
    same way; `industries` names each firm's industry.
    """

    budget_minor: int
    binds: Bound = "offers"
    industries: tuple[str, ...] = ()
    caps: Mapping[str, float] = field(default_factory=dict)
    currency: str = "CNY"

    def costs_minor(self, choices: Choices, firm: int) -> Minor:
        """What each offer to a firm takes of the budget (amounts, rates)."""
        if self.binds == "expected drawings":
            return choices.drawings_minor(firm)
        return np.repeat(choices.amounts_minor[:, None], len(choices.rates_annual), axis=1)

    def groups(self, firms: int) -> tuple[Ints, Minor]:
        """Each firm's place in the greatest costs (firms,), and those (groups,).

        One group for each capped industry, and a last one, bound by the budget, for all others.
        """
        assert len(self.industries) in (0, firms), "one industry for each firm"
        capped = list(self.caps)
        names = self.industries or ("",) * firms
        place = [capped.index(name) if name in capped else len(capped) for name in names]
        # As written: in binary 0.29 of 100 would be 28.
        shares = [int(Decimal(str(self.caps[name])) * self.budget_minor) for name in capped]
        return np.array(place, dtype=np.int64), np.array([*shares, self.budget_minor])


def check_limits(limits: Limits, least_minor: int) -> None:
    """Refuse limits that make no sense, all reasons together; raises `InputProblem`."""
    findings = [*_budget_problems(limits, least_minor), *_cap_problems(limits)]
    if findings:
        raise InputProblem(findings)


def _budget_problems(limits: Limits, least_minor: int) -> Iterator[Finding]:
    budget, least = (
        _in_units(minor, limits.currency) for minor in (limits.budget_minor, least_minor)
    )
    remedy = f"Raise --budget to at least {least}."
    if limits.budget_minor < 0:
        yield Finding(
            "negative-budget", Severity.ERROR, "--budget", f"{budget} is negative.", remedy
        )
    elif limits.budget_minor < least_minor:
        message = f"A budget of {budget} lends nothing: the least loan is {least}."
        yield Finding("budget-too-small", Severity.ERROR, "--budget", message, remedy)


def _cap_problems(limits: Limits) -> Iterator[Finding]:
    known = sorted(filter(None, set(limits.industries)))
    for industry, share in limits.caps.items():
        if industry not in known:
            yield Finding(
                "unknown-industry",
                Severity.ERROR,
                "industry caps",
                f"No firm is in the industry '{industry}'.",
                f"Take one of {', '.join(known)}." if known else "Name the firms' industries.",
            )
        if not 0 <= share <= 1:
            yield Finding(
                "cap-out-of-range",
                Severity.ERROR,
                "industry caps",
                f"The cap of '{industry}' is {share:g}, outside 0 to 1.",
                "Write a share of the budget, such as 0.25 for a quarter.",
            )


def _in_units(minor: int, currency: str) -> str:
    return f"{Decimal(minor) / minor_per_unit(currency):,.2f}".removesuffix(".00")
