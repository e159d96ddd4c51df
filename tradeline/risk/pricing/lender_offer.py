"""What a lender must know of firms, and what it offers them: one firm, or many as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.pricing.lender_terms import LenderTerms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Ten million millions: what exceeds it is mistyped, and what does not is exact as a float.
MOST_MINOR = 10**15
NOT_ASKED = MOST_MINOR
UNKNOWN = -(2**63)


class OfferBinding(StrEnum):
    """What decided on an offer.

    Up to `GRADE_NOT_LENT_TO` and with `NO_PROFITABLE_OFFER` there is none. `REQUEST` to `CASH_FLOW`
    bound the amount, or left less than the least loan; with `PROFIT` a larger one would earn less.
    """

    NO_SCORE = "no score"
    CURRENCY = "currency"
    CASH_FLOW_UNKNOWN = "cash flow not known"
    NO_CASH_FLOW = "no verified cash flow"
    DEBT_UNKNOWN = "debt elsewhere not known"
    EXPOSURE_UNKNOWN = "exposure not known"
    REQUEST_UNKNOWN = "request not understood"
    SECTOR_NOT_LENT_TO = "sector not lent to"
    GRADE_NOT_LENT_TO = "grade not lent to"
    NO_PROFITABLE_OFFER = "no profitable offer"
    REQUEST = "amount asked for"
    LARGEST_LOAN = "largest loan"
    GRADE_CAP = "grade cap"
    SINGLE_NAME = "single name"
    SECTOR_CAP = "sector cap"
    CASH_FLOW = "cash flow"
    PROFIT = "profit"


BINDINGS = tuple(OfferBinding)


@dataclass(frozen=True, slots=True)
class FirmRisk:
    """What a lender must know of a firm; money in whole minor units of `currency`, None unknown.

    `score` is one that the price book knows. `cash_flow_minor` is verified and `debt_service_minor`
    due on debts elsewhere, both a month. `exposure_minor` is what the lender has lent to the firm
    and its connected clients, who count as one; `sector_exposure_minor` what to the whole sector.
    `requested_minor` None: no amount was asked for.
    """

    score: int | None
    currency: str
    cash_flow_minor: int | None
    debt_service_minor: int | None
    sector: str
    exposure_minor: int | None
    sector_exposure_minor: int | None
    requested_minor: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Firms:
    """Many firms as columns, each (firms,), as `FirmRisk` says.

    `UNKNOWN` stands for money or a score that is missing or mistyped, `NOT_ASKED` where no amount
    was asked for.
    """

    score: Ints
    currency: Sequence[str]
    cash_flow_minor: Ints
    debt_service_minor: Ints
    sector: Sequence[str]
    exposure_minor: Ints
    sector_exposure_minor: Ints
    requested_minor: Ints

    def __len__(self) -> int:
        return len(self.score)


def columns_of(firms: Sequence[FirmRisk]) -> Firms:
    """Firms as columns; what is missing or mistyped becomes unknown."""
    return Firms(
        score=_column(_known(firm.score) for firm in firms),
        currency=[firm.currency for firm in firms],
        cash_flow_minor=_column(_known(firm.cash_flow_minor) for firm in firms),
        debt_service_minor=_column(_known(firm.debt_service_minor) for firm in firms),
        sector=[firm.sector if isinstance(firm.sector, str) else "" for firm in firms],
        exposure_minor=_column(_known(firm.exposure_minor) for firm in firms),
        sector_exposure_minor=_column(_known(firm.sector_exposure_minor) for firm in firms),
        requested_minor=_column(
            NOT_ASKED if firm.requested_minor is None else _known(firm.requested_minor)
            for firm in firms
        ),
    )


def _column(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _known(value: object) -> int:
    return value if is_money(value) else UNKNOWN


def is_money(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number of minor units, of a size that money has."""
    return type(value) is int and -MOST_MINOR <= value <= MOST_MINOR


@dataclass(frozen=True, slots=True)
class LenderOffer:
    """An offer, or none: `amount_minor` is 0 then, as is all but `binding`, which says why.

    `apr_annual` counts the fee. `profit_minor` is expected profit, take-up counted, `loss_minor`
    the expected loss over the term if it is taken, `burden` all debt service over cash flow.
    """

    lender: str
    currency: str
    binding: OfferBinding
    amount_minor: int = 0
    rate_annual: float = 0.0
    term_months: int = 0
    apr_annual: float = 0.0
    take_up: float = 0.0
    profit_minor: int = 0
    loss_minor: int = 0
    burden: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class LenderOffers:
    """The offers of one lender to many firms, as columns (firms,); see `LenderOffer`."""

    terms: LenderTerms
    binding_at: Ints
    amount_minor: Ints
    rate_annual: Floats
    term_months: Ints
    apr_annual: Floats
    take_up: Floats
    profit_minor: Ints
    loss_minor: Ints
    burden: Floats

    def __getitem__(self, firm: int) -> LenderOffer:
        return LenderOffer(
            self.terms.lender,
            self.terms.currency,
            BINDINGS[self.binding_at[firm]],
            *(column[firm].item() for column in self._columns()),
        )

    def _columns(self) -> tuple[Ints | Floats, ...]:
        return (
            self.amount_minor, self.rate_annual, self.term_months, self.apr_annual, self.take_up,
            self.profit_minor, self.loss_minor, self.burden,
        )  # fmt: skip
