"""What was agreed on a revolving line: the limit, until when, and how what is drawn is repaid."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.checks import check_contract
from tradeline.lending.loan.contract import Contract, Family, Rest

WHERE = "line"


class RepaymentOrder(StrEnum):
    """Which draw a payment goes to first.

    By due date, what is due of all draws comes before anything in advance; what is left goes to the
    oldest draw, and that is where the other order begins.
    """

    DUE_DATE = "what is due first"
    OLDEST_DRAW = "oldest draw first"


@dataclass(frozen=True, slots=True)
class SeparateDraws:
    """Each draw is a loan of its own, by the terms of a contract.

    Principal, start and rate of `terms` give way to those of the draw.
    """

    terms: Contract
    order: RepaymentOrder = RepaymentOrder.DUE_DATE


@dataclass(frozen=True, slots=True)
class MinimumPayment:
    """All draws are one balance, of which each bill asks for a part.

    A bill asks for the interest and fees of its period, and for principal: `share` of what is
    drawn, or what is needed to reach `least_minor`. It is due `days_to_pay` after it is made. The
    first bill after the expiry asks for all that is drawn. `day_count` and the grace days until
    arrears count are those of the balance.
    """

    share: Fraction
    least_minor: int
    days_to_pay: int
    day_count: DayCount = DayCount.ACTUAL_365
    arrears_grace_days: int = 0


@dataclass(frozen=True, slots=True)
class CommitmentFee:
    """A yearly rate on what is not drawn while the line is open; what is held is not drawn yet."""

    annual_rate: Fraction
    day_count: DayCount = DayCount.ACTUAL_360


@dataclass(frozen=True, slots=True)
class LineAgreement:
    """The terms of one line. The last day on which a draw may be asked for is `expiry`.

    Bills (of commitment fees, and minimum payments) are made every so many periods from the start.
    """

    currency: str
    limit_minor: int
    annual_rate: Fraction
    start: date
    expiry: date
    repayment: SeparateDraws | MinimumPayment
    commitment_fee: CommitmentFee | None = None
    frequency: Frequency = Frequency.MONTHS
    every: int = 1

    def draw_contract(self, amount_minor: int, on: date, annual_rate: Fraction) -> Contract:
        """The contract of a draw that is a loan of its own."""
        assert isinstance(self.repayment, SeparateDraws)
        return replace(
            self.repayment.terms,
            currency=self.currency,
            principal_minor=amount_minor,
            annual_rate=annual_rate,
            start=on,
            first_due=None,
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an agreement must not be, and what then is said."""

    breaks: Callable[[LineAgreement], bool]
    message: str
    remedy: str


def _minimum(breaks: Callable[[MinimumPayment], bool]) -> Callable[[LineAgreement], bool]:
    return lambda line: isinstance(line.repayment, MinimumPayment) and breaks(line.repayment)


def _of_draws(breaks: Callable[[Contract], bool]) -> Callable[[LineAgreement], bool]:
    return lambda line: isinstance(line.repayment, SeparateDraws) and breaks(line.repayment.terms)


RULES = (
    _Rule(
        lambda line: line.currency not in CURRENCIES,
        "The currency is none.",
        "Write its ISO 4217 code, such as CNY.",
    ),
    _Rule(
        lambda line: line.limit_minor <= 0,
        "A limit must be above zero.",
        "State how much may be drawn in all.",
    ),
    _Rule(
        lambda line: line.annual_rate < 0,
        "The rate is below zero.",
        "State a rate from 0 on.",
    ),
    _Rule(
        lambda line: line.expiry < line.start,
        "The line expires before it starts.",
        "State the last day on which a draw may be asked for.",
    ),
    _Rule(
        lambda line: line.every < 1,
        "Bills need a period of at least one.",
        "State a whole number from 1 on.",
    ),
    _Rule(
        lambda line: line.commitment_fee is not None and line.commitment_fee.annual_rate < 0,
        "The commitment fee is below zero.",
        "State a rate from 0 on, or leave it out.",
    ),
    _Rule(
        _minimum(lambda terms: not 0 <= terms.share <= 1 or terms.least_minor < 0),
        "A minimum payment is a share from 0 to 1 of what is drawn, and at least so much.",
        "State both, such as 5 % and 50.00.",
    ),
    _Rule(
        _minimum(lambda terms: not (terms.share or terms.least_minor)),
        "A minimum payment of nothing pays nothing back.",
        "State a share, or a least amount.",
    ),
    _Rule(
        _minimum(lambda terms: min(terms.days_to_pay, terms.arrears_grace_days) < 0),
        "Days to pay and days of grace must not be below zero.",
        "State them from 0 on.",
    ),
    _Rule(
        _of_draws(
            lambda terms: terms.family is not Family.PROGRESSIVE
            or terms.recalculation is None
            or terms.recalculation.rest is not Rest.DAY
        ),
        "Interest on a line follows day by day what is drawn; the terms of a draw say otherwise.",
        "Give them a progressive schedule with a recalculation from day to day.",
    ),
    _Rule(
        _of_draws(lambda terms: terms.down_payment > 0),
        "A draw has no down payment.",
        "Leave it out.",
    ),
    _Rule(
        _of_draws(lambda terms: terms.balloon_minor > 0),
        "A balloon in minor units does not fit draws of all sizes.",
        "Leave it out.",
    ),
)  # fmt: skip


def check_agreement(agreement: LineAgreement) -> None:
    """InputProblem with all that makes an agreement none."""
    wrong = [rule for rule in RULES if rule.breaks(agreement)]
    if wrong:
        raise InputProblem(
            Finding("bad-line", Severity.ERROR, WHERE, rule.message, rule.remedy) for rule in wrong
        )
    if isinstance(agreement.repayment, SeparateDraws):
        check_contract(
            agreement.draw_contract(agreement.limit_minor, agreement.start, agreement.annual_rate)
        )
