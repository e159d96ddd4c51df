"""What was agreed: the terms of one loan, frozen, in minor units, parts of a year and dates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tradeline.lending.dates.business_days import Calendar
from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.rounding import NEAREST, Rounding


class Family(StrEnum):
    """How a schedule is made: instalment by instalment, or solved from the factors of all.

    A cumulative one rounds the instalment, often to whole units; a progressive one rounds to the
    minor unit and moves the instalment where that brings the last one nearer.
    """

    CUMULATIVE = "cumulative"
    PROGRESSIVE = "progressive"


class InterestMethod(StrEnum):
    """Whether interest is borne by the first principal or by what is left of it."""

    DECLINING = "declining balance"
    FLAT = "flat"


class Amortisation(StrEnum):
    """What stays equal from one instalment to the next, or is agreed of each."""

    INSTALMENTS = "equal instalments"
    PRINCIPAL = "equal principal"


class InstalmentBasis(StrEnum):
    """The rate of a usual period that a cumulative instalment is solved at."""

    COUNTED_DAYS = "counted days"
    EQUAL_PERIODS = "equal periods"


class Rest(StrEnum):
    """From when a payment changes the interest: its own day, or the next due date."""

    DAY = "day"
    DUE_DATE = "due date"


class Prepayment(StrEnum):
    """What a payment beyond what is due changes: the instalment, the number of them, or neither."""

    LOWER_INSTALMENT = "lower instalment"
    SHORTER_TERM = "shorter term"
    KEEP = "keep"


class Arrears(StrEnum):
    """In which periods overdue principal bears interest.

    In the running one: only in a period in which something is paid, until that payment; the
    interest of earlier ones stays as scheduled. In none: whenever it is paid.
    """

    NONE = "none"
    RUNNING_PERIOD = "running period"
    EVERY_PERIOD = "every period"


class PayoffInterest(StrEnum):
    """Until when interest runs when all is paid early."""

    PAYOFF_DATE = "payoff date"
    PERIOD_END = "period end"


class Future(StrEnum):
    """Which instalments a payment in advance goes to."""

    NEXT = "next instalment"
    LAST = "last instalment"
    SPREAD = "all remaining instalments"


class Timing(StrEnum):
    """How a due date stands to the day of a payment."""

    PAST_DUE = "past due"
    DUE = "due"
    IN_ADVANCE = "in advance"


class Direction(StrEnum):
    """Whether one instalment is paid after another, or one component after another."""

    INSTALMENT_BY_INSTALMENT = "instalment by instalment"
    COMPONENT_BY_COMPONENT = "component by component"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: which instalments by their timing, and which components of them."""

    timings: frozenset[Timing]
    components: tuple[Component, ...]


USUAL_ORDER = (Component.PENALTIES, Component.FEES, Component.INTEREST, Component.PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """In which order a payment is allocated.

    `charges_by_their_date` takes a charge as due once its own date has come, although its
    instalment is due later.
    """

    steps: tuple[Step, ...] = (Step(frozenset(Timing), USUAL_ORDER),)
    direction: Direction = Direction.INSTALMENT_BY_INSTALMENT
    future: Future = Future.NEXT
    future_refunds: Future = Future.NEXT
    charges_by_their_date: bool = False


@dataclass(frozen=True, slots=True)
class Grace:
    """Periods without principal, periods whose interest is paid later, days until arrears count."""

    principal_periods: int = 0
    interest_deferred_periods: int = 0
    arrears_days: int = 0


@dataclass(frozen=True, slots=True)
class Recalculation:
    """Interest follows what was really paid; without it the schedule stays as it was agreed."""

    rest: Rest = Rest.DAY
    prepayment: Prepayment = Prepayment.LOWER_INSTALMENT
    arrears: Arrears = Arrears.EVERY_PERIOD


class ChargeKind(StrEnum):
    """Which component a charge belongs to."""

    FEE = "fee"
    PENALTY = "penalty"


class ChargeBase(StrEnum):
    """What a percentage is taken of."""

    PRINCIPAL = "principal"
    PRINCIPAL_AND_INTEREST = "principal and interest"


@dataclass(frozen=True, slots=True)
class OverduePenalty:
    """Charged by the end of day on what is overdue of each instalment.

    Once for each instalment, or for each day late where `per_day` is so; `after_grace_days` days
    after the due date at the earliest.
    """

    rate: Fraction
    base: ChargeBase
    per_day: bool = False
    after_grace_days: int = 0


@dataclass(frozen=True, slots=True)
class CustomInstalment:
    """An instalment as it is agreed: when it falls due, and its amount in minor units.

    The amount is all of it, or its principal, as `amortisation` says. The last may be left open: it
    takes what remains.
    """

    due: date
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """The terms of one loan.

    `principal_minor` is what was approved; what is disbursed are events. Rates are parts of a year:
    12 % is Fraction(12, 100). The number of instalments, or the instalment itself
    (`fixed_instalment_minor`), is stated; with both, the last one takes the rest.
    `instalment_on_approved` solves the instalment on the approved principal, so that it stays while
    tranches follow. A down payment falls due at once, and is paid with the disbursement where it is
    kept back from it (`down_payment_kept`). `slices_rounded` rounds the interest of each stretch of
    equal balance by itself. `custom` states as many instalments one by one (see `custom`).
    """

    currency: str
    principal_minor: int
    annual_rate: Fraction
    start: date
    frequency: Frequency
    every: int
    instalments: int | None
    first_due: date | None = None
    family: Family = Family.CUMULATIVE
    interest: InterestMethod = InterestMethod.DECLINING
    amortisation: Amortisation = Amortisation.INSTALMENTS
    day_count: DayCount = DayCount.EQUAL_PERIODS
    instalment_basis: InstalmentBasis = InstalmentBasis.COUNTED_DAYS
    instalment_rounding: Rounding = NEAREST
    interest_rounding: Rounding = NEAREST
    slices_rounded: bool = False
    instalment_moves: bool = True
    fixed_instalment_minor: int | None = None
    instalment_on_approved: bool = False
    balloon_minor: int = 0
    grace: Grace = Grace()
    down_payment: Fraction = Fraction(0)
    down_payment_kept: bool = True
    waterfall: Waterfall = Waterfall()
    recalculation: Recalculation | None = None
    payoff_interest: PayoffInterest = PayoffInterest.PAYOFF_DATE
    overdue_penalty: OverduePenalty | None = None
    calendar: Calendar | None = None
    custom: tuple[CustomInstalment, ...] = ()
