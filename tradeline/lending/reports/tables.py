"""The reports: portfolio at risk, vintages, roll rates, cash forecast, trial balance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np

from tradeline.lending.bookings.chart import TYPES, Account
from tradeline.lending.end_of_day.holders import HELD_ACCOUNTS
from tradeline.lending.end_of_day.portfolio import Flags, Ints, roomy
from tradeline.lending.reports.figures import Figures, Flows, Group

# What is booked of a loan, in the order of its columns; portfolios have the first of them.
CHART = (*HELD_ACCOUNTS, *(account for account in Account if account not in HELD_ACCOUNTS))
ALL = "all"
AT_RISK_DAYS = (30, 60, 90)
BUCKETS = (("not late", 0), ("1 to 30", 1), ("31 to 60", 31), ("61 to 90", 61), ("over 90", 91))
GONE, LOST = "paid back", "lost"
ROLLED_TO = (*(name for name, _ in BUCKETS), GONE, LOST)
MONTHS_ON_BOOK = (3, 6, 9, 12, 18, 24, 36)
FORECAST_MONTHS = 12
STAGES, NEW = (1, 2, 3), "new"
STAGED_TO = (*(f"stage {stage}" for stage in STAGES), GONE, LOST)
OVERDUE, LATER = "overdue", "later"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Principal at risk of a group: of loans over 30, 60, 90 days late, and of forborne ones.

    Forborne loans that are not cured count among those over 30 days, whatever their days.
    """

    product: str
    lender: str
    currency: str
    loans: int
    principal: int
    over_30: int
    over_60: int
    over_90: int
    forborne: int
    provided: int


@dataclass(frozen=True, slots=True)
class Vintage:
    """Loans paid out in a month: which share of the amount was over 90 days late by an age.

    `shares` by months on book; None where the vintage is younger.
    """

    month: str
    currency: str
    loans: int
    disbursed: int
    late_90: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """Principal that was in a bucket at the last month end, by where its loans are now."""

    currency: str
    bucket: str
    loans: int
    principal: int
    now: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class InStage:
    """Loans of a group in a stage: what is owed, what is provided for it, and its share of that."""

    product: str
    lender: str
    currency: str
    stage: int
    loans: int
    exposure: int
    allowance: int
    coverage_percent: str


@dataclass(frozen=True, slots=True)
class StageMove:
    """What was owed in a stage at the last month end, by where its loans are now.

    Of loans that are new since then it is what is owed now.
    """

    currency: str
    stage: str
    loans: int
    exposure: int
    moved_to: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a group is to pay in a month by its contracts, by component."""

    product: str
    lender: str
    currency: str
    month: str
    principal: int
    interest: int
    charges: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account of a lender's product comes to: a debit above zero, a credit below."""

    product: str
    lender: str
    currency: str
    account: str
    type: str
    amount: int


def at_risk(found: Figures, held: Figures) -> list[AtRisk]:
    """The portfolio at risk of each product, lender and currency, then of all in a currency.

    A loan that lenders share is one among the loans of each, and one of all.
    """
    groups, places = held.groups()
    rows = [_at_risk(held, names, places == place) for place, names in enumerate(groups)]
    currencies = np.unique(found.currency).tolist()
    return rows + [_at_risk(found, (ALL, ALL, name), found.currency == name) for name in currencies]


def _at_risk(found: Figures, names: Group, of: Flags) -> AtRisk:
    of = of & found.active

    def over(days: int) -> int:
        is_forborne = found.forborne & (days == AT_RISK_DAYS[0])
        return _sum(found.principal, of & ((found.late > days) | is_forborne))

    return AtRisk(
        *names,
        loans=int(of.sum()),
        principal=_sum(found.principal, of),
        over_30=over(30),
        over_60=over(60),
        over_90=over(90),
        forborne=_sum(found.principal, of & found.forborne),
        provided=_sum(found.allowance, of),
    )


def stages(found: Figures, held: Figures) -> list[InStage]:
    """Each stage of each product, lender and currency, then of all in a currency."""
    groups, places = held.groups()
    currencies = np.unique(found.currency).tolist()
    of_groups = [
        _in_stage(held, names, places == place, stage)
        for place, names in enumerate(groups) for stage in STAGES
    ]  # fmt: skip
    of_all = [
        _in_stage(found, (ALL, ALL, name), found.currency == name, stage)
        for name in currencies for stage in STAGES
    ]  # fmt: skip
    return [row for row in of_groups + of_all if row.loans]


def _in_stage(found: Figures, names: Group, of: Flags, stage: int) -> InStage:
    of = of & (found.stage == stage)
    exposure, allowance = _sum(found.owed, of), _sum(found.allowance, of)
    coverage = round(Fraction(allowance * 10_000, exposure)) if exposure else 0
    percent = f"{coverage // 100}.{coverage % 100:02d}"
    return InStage(*names, stage, int(of.sum()), exposure, allowance, percent)


def stage_moves(found: Figures) -> list[StageMove]:
    """Where what was owed in each stage at the last month end is now, and what is new."""
    if found.before is None or not (found.stage.any() or found.stage_before.any()):
        return []
    is_now = np.where(found.stage > 0, found.stage - 1, len(STAGES) + found.lost)
    rows = []
    for currency in np.unique(found.currency).tolist():
        for was in (*STAGES, 0):
            of = (found.currency == currency) & (found.stage_before == was)
            of &= (found.stage > 0) | (was > 0)
            owed = found.owed_before if was else found.owed
            now = tuple(_sum(owed, of & (is_now == to)) for to in range(len(STAGED_TO)))
            if of.any():
                rows.append(
                    StageMove(currency, str(was) if was else NEW, int(of.sum()), sum(now), now)
                )
    return rows


def vintages(found: Figures) -> list[Vintage]:
    """By month of the first disbursement: what was over 90 days late within so many months."""
    paid_out = found.disbursed_on > 0
    months = _months(np.where(paid_out, found.disbursed_on, 1))
    reached = found.reached[:, AT_RISK_DAYS.index(90)]
    age_late = np.where(reached > 0, _months(np.maximum(reached, 1)) - months, 10**6)
    now = found.day.year * 12 + found.day.month - 1
    rows = []
    for currency in np.unique(found.currency).tolist():
        for month in np.unique(months[paid_out & (found.currency == currency)]).tolist():
            of = paid_out & (found.currency == currency) & (months == month)
            late = tuple(
                _sum(found.disbursed, of & (age_late <= age)) if now - month >= age else None
                for age in MONTHS_ON_BOOK
            )
            rows.append(
                Vintage(_month(month), currency, int(of.sum()), _sum(found.disbursed, of), late)
            )
    return rows


def roll_rates(found: Figures) -> list[Roll]:
    """Where the principal of each bucket at the last month end is now."""
    if found.before is None:
        return []
    was, is_now = _bucket(found.late_before), _bucket(found.late)
    is_now = np.where(found.active, is_now, len(BUCKETS) + found.lost)
    rows = []
    for currency in np.unique(found.currency).tolist():
        for place, (name, _) in enumerate(BUCKETS):
            of = (found.currency == currency) & (found.late_before >= 0) & (was == place)
            now = tuple(
                _sum(found.principal_before, of & (is_now == to)) for to in range(len(ROLLED_TO))
            )
            rows.append(Roll(currency, name, int(of.sum()), sum(now), now))
    return rows


def cash_forecast(held: Figures, flows: Flows) -> list[Expected]:
    """What active loans are to pay by month: what is overdue first, then month by month."""
    groups, places = held.groups()
    group, day = places[flows.loan], held.day
    begin = day.year * 12 + day.month - 1
    month = np.minimum(_months(flows.due) - begin, FORECAST_MONTHS)
    month = np.where(flows.due <= day.toordinal(), -1, month)
    rows = []
    for place, names in enumerate(groups):
        for at in range(-1, FORECAST_MONTHS + 1):
            of = (group == place) & (month == at)
            if of.any():
                label = (
                    OVERDUE if at < 0 else LATER if at == FORECAST_MONTHS else _month(begin + at)
                )
                parts = (
                    _sum(part, of) for part in (flows.principal, flows.interest, flows.charges)
                )
                rows.append(Expected(*names, label, *parts))
    return rows


def trial_balance(held: Figures) -> list[Balance]:
    """What each account comes to, of each product and lender; all of a group add up to nothing."""
    groups, places = held.groups()
    return list(_balances(held, groups, places))


def _balances(found: Figures, groups: Sequence[Group], places: Ints) -> Iterator[Balance]:
    for place, names in enumerate(groups):
        sums = roomy(found.booked[places == place]).sum(axis=0)
        for account, amount in zip(CHART, sums.tolist(), strict=False):
            if amount:
                yield Balance(*names, str(account), str(TYPES[account]), amount)


def _sum(amounts: Ints, of: Flags) -> int:
    return int(roomy(amounts[of]).sum())


def _bucket(days: Ints) -> Ints:
    firsts = np.array([first for _, first in BUCKETS])
    return np.asarray(np.searchsorted(firsts, days, side="right") - 1, dtype=np.int64)


def _months(days: Ints) -> Ints:
    """Ordinals of days as months since the year 0."""
    dates = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    return dates.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
