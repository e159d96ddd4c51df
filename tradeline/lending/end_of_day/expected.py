"""Expected loss of many loans by stage, from ratings, PDs, lines and collateral, as arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.bookings.chart import Account
from tradeline.lending.collateral.security import (
    KINDS,
    CollateralTerms,
    read_collateral_terms,
)
from tradeline.lending.end_of_day.arrears import ACTIVE, days_late, exposure
from tradeline.lending.end_of_day.curves import Curves, curves_of, kept_curves
from tradeline.lending.end_of_day.portfolio import (
    Flags,
    Ints,
    Portfolio,
    Staging,
    Texts,
    product,
    roomy,
)
from tradeline.lending.end_of_day.provisions import ALLOWANCE, SUSPENSE, allowed
from tradeline.lending.end_of_day.rounded import HALF_EVEN, rounded
from tradeline.lending.end_of_day.staging import MILLION, Seen, moved
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.provisions.expected_loss import Loans, expected_loss
from tradeline.lending.provisions.stages import StageRules, read_stage_rules

Floats = NDArray[np.float64]
INTEREST = ACCOUNTS.index(Account.INTEREST_INCOME)
UNRATED = (
    "It is provided for by stage, and no rating of it is known, or no PDs of its grade.",
    "Import its rating, and the PDs of that grade; what is provided for it stays until then.",
)
TOO_SHORT = (
    "It runs for more months than the PDs of its grade speak of.",
    "Import PDs of more months; what is provided for it stays until then.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """What provisions by stage of a day follow from, beside the loans themselves."""

    rules: StageRules
    collateral: CollateralTerms
    curves: Curves


def read_basis(paths: Sequence[Path], on: date) -> Basis:
    """The rules of a day, and the curves of files in the order in which they landed."""
    curves = curves_of(kept_curves(paths, on.toordinal()))
    return Basis(read_stage_rules(on), read_collateral_terms(on), curves)


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """The curve of each loan by its first and by its last rating until a day; -1: none."""

    at_start: Ints
    now: Ints
    unlikely_to_pay: Flags


def rated(found: Portfolio, ratings: Mapping[str, Any], curves: Curves) -> Rated:
    """What ratings say of loans on the day of a portfolio."""
    none = np.full(len(found), -1, dtype=np.int64)
    unlikely = np.zeros(len(found), dtype=bool)
    if not ratings or not curves.grades:
        return Rated(none, none, unlikely)
    kept = ratings["rated_on"] <= found.day
    place, on = ratings["place"][kept], ratings["rated_on"][kept]
    order = np.lexsort((np.arange(len(place)), on, place))
    place, grades = place[order], ratings["grade"][kept][order]
    owner, first = np.unique(place, return_index=True)
    last = np.append(first[1:], len(place)) - 1
    at_start, now = none.copy(), none.copy()
    begun = found.loans.disbursed_on[owner]
    at_start[owner] = curves.at(grades[first], begun)
    now[owner] = curves.at(grades[last], np.full(len(owner), found.day))
    unlikely[owner] = ratings["unlikely_to_pay"][kept][order][last] == 1
    return Rated(at_start, now, unlikely)


def months_between(begin: Ints, end: Ints) -> Ints:
    """Months from days to later ones, a month begun counted as one."""
    (begun, first), (ended, last) = _calendar(begin), _calendar(end)
    return np.asarray(ended - begun + (last > first))


def months_until(day: date, dues: Sequence[tuple[date, int]]) -> int:
    """In how many months from a day the last of some later due dates comes, one at least."""
    last = max((due for due, _ in dues), default=day)
    begin, end = (np.array([each.toordinal()], dtype=np.int64) for each in (day, last))
    return max(int(months_between(begin, end)[0]), 1)


def _calendar(days: Ints) -> tuple[Ints, Ints]:
    """Months since 1970 and the day within the month, of ordinals."""
    dates = (days - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months).astype(np.int64)


def owed_by_month(found: Portfolio, which: Ints, months: int) -> Ints:
    """What some loans owe in each month from now (loans x months), if all is paid when due.

    In the first month all that is owed in the books, then the principal that is not due before.
    """
    ahead, month = _months_of_lines(found)
    place = np.full(len(found), -1, dtype=np.int64)
    place[which] = np.arange(len(which))
    own = place[found.owners[ahead]]
    kept = (own >= 0) & (month <= months)
    principal = found.lines.principal[ahead][kept]
    return owed_of_dues(own[kept], month[kept], principal, exposure(found)[which], months)


def owed_of_dues(rows: Ints, month: Ints, principal: Ints, owed: Ints, months: int) -> Ints:
    """What is owed in each month from now (rows x months), `owed` in the first.

    Of each amount of principal to come: its row, the month it falls due in, and the amount.
    """
    table = np.zeros((len(owed), months), dtype=np.int64)
    np.add.at(table, (rows, month - 1), principal)
    found: Ints = table[:, ::-1].cumsum(axis=1)[:, ::-1]
    found[:, 0] = owed
    return found


def months_ahead(found: Portfolio) -> Ints:
    """In how many months from now the last principal of each loan falls due, one at least."""
    ahead, month = _months_of_lines(found)
    months = np.ones(len(found), dtype=np.int64)
    np.maximum.at(months, found.owners[ahead], month)
    return months


def _months_of_lines(found: Portfolio) -> tuple[Ints, Ints]:
    """Lines with principal to come, and in which month from now each falls due."""
    lines = found.lines
    ahead = np.flatnonzero((lines.due > found.day) & (lines.principal > 0))
    return ahead, months_between(np.full(len(ahead), found.day), lines.due[ahead])


def lgds(found: Portfolio, items: Mapping[str, Any], terms: CollateralTerms) -> Floats:
    """The share that a default of each loan loses, its collateral counted."""
    unsecured, owed = found.staging.lgd / MILLION, exposure(found)
    if not items:
        return np.asarray(unsecured)
    items = _newest(items, found.day)
    place, kind = items["place"], np.array([KINDS.index(each) for each in items["kind"]])
    worth = _worth(items, kind, terms, found.day)
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(roomy(worth))])[:-1]
    first = np.searchsorted(place, place)
    covered = np.clip(owed[place] - (before - before[first]), 0, worth)
    years = np.array([terms.months_to_realise[each] / 12 for each in KINDS])[kind]
    loss = 1 - (1 + found.staging.rate_annual[place] / MILLION) ** -years
    lost, secured = np.zeros(len(found)), np.zeros(len(found), dtype=np.int64)
    np.add.at(lost, place, covered * np.maximum(loss, terms.lgd_floor))
    np.add.at(secured, place, covered)
    whole = (lost + (owed - secured) * unsecured) / np.maximum(owed, 1)
    return np.where(secured > 0, np.minimum(whole, 1.0), unsecured)


def _newest(items: Mapping[str, Any], day: int) -> dict[str, Any]:
    """The last valuation of each item until a day, in the order in which they are realised."""
    kept = np.flatnonzero(items["valued_on"] <= day)
    place, name = items["place"][kept], items["item"][kept].astype(np.str_)
    order = np.lexsort((kept, items["valued_on"][kept], name, place))
    place, name, kept = place[order], name[order], kept[order]
    is_last = np.ones(len(kept), dtype=bool)
    is_last[:-1] = (place[1:] != place[:-1]) | (name[1:] != name[:-1])
    kept, place, name = kept[is_last], place[is_last], name[is_last]
    kept = kept[np.lexsort((name, items["rank"][kept], place))]
    return {column: values[kept] for column, values in items.items()}


def _worth(items: Mapping[str, Any], kind: Ints, terms: CollateralTerms, day: int) -> Ints:
    """What items bring, rounded down; nothing where the valuation is too old."""
    counted = [1 - terms.haircut[each] for each in KINDS]
    part, per = (np.array([getattr(each, name) for each in counted], dtype=np.int64)[kind]
                 for name in ("numerator", "denominator"))  # fmt: skip
    holds = np.array([terms.valuation_months[each] for each in KINDS])[kind]
    age = months_between(items["valued_on"], np.full(len(kind), day))
    worth = np.maximum(roomy(items["value"] * part) // per - items["prior"], 0)
    return np.where(age <= holds, worth, 0)


def provided_by_stage(
    before: Portfolio,
    found: Portfolio,
    loan: Texts,
    basis: Basis,
    ratings: Mapping[str, Any],
    items: Mapping[str, Any],
) -> tuple[Portfolio, list[Finding]]:
    """The portfolio with loans by stage provided for, and which could not be, and why.

    A loan without a rating, or whose PDs speak of fewer months than it runs, keeps what is provided
    for it.
    """
    asked = (found.staging.by_stage == 1) & ~found.failed
    if not asked.any():
        return found, []
    active = asked & (found.loans.status == ACTIVE)
    who, months = rated(found, ratings, basis.curves), months_ahead(found)
    unrated = active & ((who.now < 0) | (who.at_start < 0))
    spoken = np.append(basis.curves.months, 0)
    short = active & ~unrated & (months > np.minimum(spoken[who.now], spoken[who.at_start]))
    known = active & ~unrated & ~short
    which = np.flatnonzero(known)
    staging = _staged(found, basis, who, months, which)
    allowance = np.where(asked & ~active, 0, -found.booked[:, ALLOWANCE])
    allowance[which] = _expected(found, staging, basis, who.now[which], which, items)
    booked = allowed(_suspended(before, found, asked), allowance)
    findings = [
        Finding("no-rating", Severity.ERROR, f"loan {each}", *UNRATED) for each in loan[unrated]
    ] + [
        Finding("pds-too-short", Severity.ERROR, f"loan {each}", *TOO_SHORT) for each in loan[short]
    ]
    return replace(found, staging=staging, booked=booked), findings


def _staged(found: Portfolio, basis: Basis, who: Rated, months: Ints, which: Ints) -> Staging:
    """The stages of some loans on the day, by what is seen of them."""
    pd, pd_at_start = np.zeros(len(found)), np.zeros(len(found))
    begun, today = found.loans.disbursed_on[which], np.full(len(which), found.day)
    pd[which], pd_at_start[which] = remaining_pds(
        basis.curves, who.at_start[which], who.now[which], months[which], begun, today
    )
    seen = Seen(
        np.maximum(days_late(found), 0), pd, pd_at_start, found.loans.forborne == 1,
        who.unlikely_to_pay,
    )  # fmt: skip
    known = np.zeros(len(found), dtype=bool)
    known[which] = True
    return moved(found.staging, basis.rules, found.day, seen, known)


def remaining_pds(
    curves: Curves, first: Ints, now: Ints, months: Ints, begun: Ints, days: Ints
) -> tuple[Floats, Floats]:
    """PDs of the months that remain on some days, and what they were expected to be at the start.

    `first` and `now` are rows of curves, which speak of at least these months; `begun` are the days
    of the start.
    """
    after = months_between(begun, days + 1) - 1
    after = np.minimum(after, curves.months[first] - months)
    survived = 1 - np.where(after > 0, curves.cumulative[first, after - 1], 0.0)
    last = curves.cumulative[first, after + months - 1]
    alive = survived > 0
    remaining = (last - (1 - survived)) / np.where(alive, survived, 1.0)
    return curves.cumulative[now, months - 1], np.where(alive, remaining, 1.0)


def _expected(
    found: Portfolio,
    staging: Staging,
    basis: Basis,
    curve: Ints,
    which: Ints,
    items: Mapping[str, Any],
) -> Ints:
    """The expected loss of some loans."""
    pds = basis.curves.cumulative[curve]
    return expected_loss(
        Loans(
            staging.stage[which],
            pds,
            owed_by_month(found, which, pds.shape[1]).astype(np.float64),
            exposure(found)[which].astype(np.float64),
            lgds(found, items, basis.collateral)[which],
            staging.rate_annual[which] / MILLION,
        )
    )


def _suspended(before: Portfolio, found: Portfolio, asked: Flags) -> Ints:
    """What is booked, with the interest of a loan in stage 3 on what was provided for it apart."""
    booked = found.booked.copy()
    owed, allowance = exposure(before), -before.booked[:, ALLOWANCE]
    which = np.flatnonzero(asked & (before.staging.stage == 3) & (owed > 0))
    interest = before.booked[which, INTEREST] - booked[which, INTEREST]
    parts = product(interest, allowance[which])
    ones = np.ones(len(which), dtype=np.int64)
    booked[which, SUSPENSE] += rounded(parts, owed[which], HALF_EVEN * ones, ones)
    return booked
