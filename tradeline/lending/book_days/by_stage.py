"""The stage of one agreement on a day, and its expected loss: pure, by the rules of a portfolio."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.book_days.looks import Look
from tradeline.lending.book_days.standing import Standing
from tradeline.lending.collateral.security import secured
from tradeline.lending.end_of_day.expected import (
    Basis,
    months_between,
    owed_of_dues,
    remaining_pds,
)
from tradeline.lending.end_of_day.portfolio import Ints
from tradeline.lending.end_of_day.staging import MILLION
from tradeline.lending.provisions.expected_loss import Loans, expected_loss
from tradeline.lending.provisions.stages import Seen, Stage, staged
from tradeline.lending.servicing.risk import ByStage, Known, Rating
from tradeline.lending.servicing.saved import Saved


@dataclass(frozen=True, slots=True, eq=False)
class _Rated:
    """Rows of curves: by the first rating, and of each look by the last one; -1: none."""

    at_start: Ints
    now: Ints
    ratings: Sequence[Rating | None]


def expected(
    basis: Basis,
    known: Saved,
    facts: Known,
    looks: Sequence[Look],
    stood: Standing,
    dues: Sequence[tuple[date, int]],
) -> tuple[Stage, int]:
    """The stage on the day of the last look, and the loss that is expected, in minor units.

    `dues` are the days to come on which principal falls due. `InputProblem` if no rating is known,
    no PDs of its grade are, or they speak of fewer months than it runs.
    """
    begun = stood.paid_out_on or known.contract.start
    found = _rated(basis, facts.ratings, begun, looks)
    _check(basis, known, found, looks[-1])
    stage = staged(basis.rules, _seen(basis, found, begun, looks))[-1].stage
    pds = basis.curves.cumulative[found.now[-1:]]
    owed = np.array([stood.owed_minor], dtype=np.int64)
    exposure = _owed_by_month(looks[-1].day, dues, owed, pds.shape[1])
    lgd, rate = _lost(basis, known, facts, stood.owed_minor, looks[-1].day)
    loans = Loans(np.array([stage]), pds, exposure.astype(np.float64), owed.astype(np.float64),
                  np.array([lgd]), np.array([rate]))  # fmt: skip
    return stage, int(expected_loss(loans)[0])


def _lost(
    basis: Basis, known: Saved, facts: Known, owed_minor: int, day: date
) -> tuple[float, float]:
    """The share that a default loses, collateral counted, and the rate that losses discount at."""
    assert facts.by_stage is not None
    rate = _rate(known, facts.by_stage)
    found = secured(
        owed_minor, known.contract.currency, facts.collateral, basis.collateral,
        unsecured_lgd=round(facts.by_stage.lgd * MILLION) / MILLION, rate_annual=rate, on=day,
    )  # fmt: skip
    return found.lgd, rate


def _rate(known: Saved, stated: ByStage) -> float:
    """The effective rate, as stated or by the schedule, to the millionth."""
    if stated.effective_rate is not None:
        return round(stated.effective_rate * MILLION) / MILLION
    assert known.kind.expected is not None
    assert known.kind.expected.rate is not None
    return known.kind.expected.rate(known.contract, f"{known.kind.name} {known.name}") / MILLION


def _rated(basis: Basis, ratings: Sequence[Rating], begun: date, looks: Sequence[Look]) -> _Rated:
    """What ratings say of an agreement on the day of each look."""
    last = [next((each for each in reversed(ratings) if each.rated_on <= look.day), None)
            for look in looks]  # fmt: skip
    first = ratings[0].grade if ratings else ""
    return _Rated(
        basis.curves.at([first] * len(looks), _days([begun] * len(looks))),
        basis.curves.at(
            [each.grade if each else "" for each in last], _days([each.day for each in looks])
        ),
        last,
    )


def _days(days: Sequence[date]) -> Ints:
    return np.array([day.toordinal() for day in days], dtype=np.int64)


def _check(basis: Basis, known: Saved, found: _Rated, today: Look) -> None:
    """InputProblem if the PD of the day is not known."""
    if found.now[-1] < 0 or found.at_start[-1] < 0:
        raise _not_known(
            known, "no-rating", "no rating of it is known, or no PDs of its grade",
            "State its rating, and the PDs of that grade",
        )  # fmt: skip
    if today.months > _spoken(basis, found)[-1]:
        raise _not_known(
            known, "pds-too-short", "it runs for more months than the PDs of its grade speak of",
            "State PDs of more months",
        )  # fmt: skip


def _not_known(known: Saved, code: str, why: str, remedy: str) -> InputProblem:
    return problem(
        code, f"agreement {known.name}", f"It is provided for by stage, and {why}.",
        f"{remedy}; what is provided for it stays until then.",
    )  # fmt: skip


def _spoken(basis: Basis, found: _Rated) -> Ints:
    """How many months the curves of each look speak of, 0 where there is none."""
    months = np.append(basis.curves.months, 0)
    return np.asarray(np.minimum(months[found.now], months[found.at_start]))


def _seen(basis: Basis, found: _Rated, begun: date, looks: Sequence[Look]) -> list[Seen]:
    """What looks saw, those left out on which nothing was owed or the PD is not known."""
    months = np.array([look.months for look in looks], dtype=np.int64)
    at = np.flatnonzero((months > 0) & (months <= _spoken(basis, found)))
    days = _days([look.day for look in looks])[at]
    pds, at_start = remaining_pds(
        basis.curves, found.at_start[at], found.now[at], months[at],
        np.full(len(at), begun.toordinal()), days,
    )  # fmt: skip
    return [
        Seen(looks[place].day, looks[place].days_late, float(pd), float(pd_at_start),
             looks[place].is_forborne, rating is not None and rating.unlikely_to_pay)
        for place, pd, pd_at_start in zip(at.tolist(), pds, at_start, strict=True)
        for rating in [found.ratings[place]]
    ]  # fmt: skip


def _owed_by_month(day: date, dues: Sequence[tuple[date, int]], owed: Ints, months: int) -> Ints:
    """What is owed in each month, all of it in the first."""
    on = _days([due for due, _ in dues])
    month = months_between(np.full(len(on), day.toordinal()), on)
    principal = np.array([amount for _, amount in dues], dtype=np.int64)
    return owed_of_dues(np.zeros(len(on), dtype=np.int64), month, principal, owed, months)
