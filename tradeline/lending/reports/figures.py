"""A figure or two of every loan at the end of a day, from which all reports are made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.kernel.findings import Finding, problem
from tradeline.lending.end_of_day.advances import Swept, carrying, expected_flows
from tradeline.lending.end_of_day.advances import days_late as advance_days_late
from tradeline.lending.end_of_day.arrears import ACTIVE, days_late, exposure_of, is_month_end
from tradeline.lending.end_of_day.chunk import chunks
from tradeline.lending.end_of_day.folder import landings
from tradeline.lending.end_of_day.holders import (
    Holders,
    books_by_holder,
    flows_by_holder,
    lines_by_holder,
    principal_by_holder,
)
from tradeline.lending.end_of_day.portfolio import STATUSES, Flags, Ints, Names, Portfolio, Texts
from tradeline.lending.end_of_day.provisions import ALLOWANCE
from tradeline.lending.end_of_day.run import Closed, closed_days, late_path, state_path
from tradeline.lending.end_of_day.states import read_arrays, read_state, read_swept
from tradeline.lending.loan.state import Status

LOST = [STATUSES.index(status) for status in (Status.CHARGED_OFF, Status.WRITTEN_OFF)]
Group = tuple[str, str, str]
"""Product, lender, currency."""


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Every loan at the end of `day`; amounts in minor units, days as ordinals (0: none).

    `late` are days past due by the terms as they were agreed or as they are, whichever is more;
    `forborne` marks loans whose terms were eased and that are not cured; a stage is 0 of a loan
    that is not active or not provided for by stage. `late_before` is -1 and `stage_before` 0 where
    a loan was not there or not active on `before`, the last month end, None where no run noted it.
    """

    day: date
    product: Texts
    lender: Texts
    currency: Texts
    active: Flags
    lost: Flags
    principal: Ints
    late: Ints
    forborne: Flags
    disbursed_on: Ints
    disbursed: Ints
    reached: Ints
    before: date | None
    late_before: Ints
    principal_before: Ints
    stage: Ints
    stage_before: Ints
    owed_before: Ints
    booked: Ints

    @property
    def owed(self) -> Ints:
        """What is owed in the books: principal, and interest and charges earned."""
        return exposure_of(self.booked)

    @property
    def allowance(self) -> Ints:
        """What is provided for."""
        return np.asarray(-self.booked[:, ALLOWANCE])

    def groups(self) -> tuple[list[Group], Ints]:
        """The groups that there are, in order, and the place of each loan's own."""
        keys = np.stack([self.product, self.lender, self.currency], axis=1)
        found, places = np.unique(keys, axis=0, return_inverse=True)
        return [(str(a), str(b), str(c)) for a, b, c in found], np.asarray(places).ravel()


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """What is to be paid: of each line its due date and components, and who holds it.

    `loan` is a place among the loans by holder.
    """

    loan: Ints
    due: Ints
    principal: Ints
    interest: Ints
    charges: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What reports are made of: what could not be worked out, the loans, what they are to pay.

    `held` are the loans by holder: a row for each lender of a loan, with its part of the amounts.
    """

    findings: tuple[Finding, ...]
    figures: Figures
    held: Figures
    flows: Flows


def read_figures(root: Path) -> Read:
    """The loans at the end of the last closed day; InputProblem if no day was ended yet."""
    known, done = landings(root), closed_days(root)
    if not done:
        raise problem(
            "no-day",
            str(root),
            "No day of this portfolio was ended yet.",
            "End one: tradeline eod run FOLDER --date DATE.",
        )
    day, month_end = done[-1].day, _month_end(done)
    parts, held, flows, first = [], [], [], 0
    for chunk in chunks(root, known[: done[-1].landing]):
        names, path = chunk.names(), state_path(root, day, chunk.number)
        holders = chunk.holders(names)
        before = _before(root, month_end, chunk.number, len(names.loan))
        if chunk.is_of_advances:
            swept = read_swept(path)
            parts.append(_names(names) | _of_advances(swept, before))
            held.append(_held(parts[-1], swept, holders))
            flows.append(_flows_of_advances(swept, holders, first))
        else:
            state = read_state(path)
            parts.append(_names(names) | _of_loans(state, before))
            held.append(_held(parts[-1], state, holders))
            flows.append(_flows(state, holders, first))
        first += len(holders.loan)
    joined = Flows(*(np.concatenate(column) for column in zip(*flows, strict=True)))
    figures, by_holder = (_joined(day, month_end, each) for each in (parts, held))
    return Read(done[-1].findings, figures, by_holder, joined)


def _joined(day: date, before: date | None, parts: Sequence[dict[str, Any]]) -> Figures:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Figures(day=day, before=before, **columns)


def _month_end(done: Sequence[Closed]) -> date | None:
    """The last month end before the last closed day that was ended by a run."""
    ends = [closed.day for closed in done[:-1] if is_month_end(closed.day)]
    return ends[-1] if ends else None


def _before(root: Path, day: date | None, number: int, count: int) -> dict[str, Ints]:
    if day is not None and late_path(root, day, number).exists():
        return read_arrays(late_path(root, day, number))
    nothing = np.zeros(count, dtype=np.int64)
    return {"late": nothing - 1, "principal": nothing, "owed": nothing, "stage": nothing}


def _names(names: Names) -> dict[str, Any]:
    return {"product": names.product, "lender": names.lender, "currency": names.currency}


def _of_advances(found: Swept, before: dict[str, Ints]) -> dict[str, Any]:
    """An advance stands with what is owed of it, the fee that is not earned yet taken off."""
    none, plans = np.zeros(len(found), dtype=np.int64), found.plans
    return {
        "active": found.active,
        "lost": none == 1,
        "principal": carrying(found),
        "late": np.where(found.active, advance_days_late(found), -1),
        "forborne": none == 1,
        "disbursed_on": np.where(found.begun, found.sweeps.disbursed_on, 0),
        "disbursed": np.where(found.begun, plans.advance, 0),
        "reached": np.stack([plans.reached_30, plans.reached_60, plans.reached_90], axis=1),
        **_then(before),
        "stage": none,
        "booked": found.booked,
    }


def _then(before: dict[str, Ints]) -> dict[str, Any]:
    return {
        "late_before": before["late"],
        "principal_before": before["principal"],
        "stage_before": before["stage"],
        "owed_before": before["owed"],
    }


def _of_loans(state: Portfolio, before: dict[str, Ints]) -> dict[str, Any]:
    loans, late = state.loans, days_late(state)
    active = loans.status == ACTIVE
    return {
        "active": active,
        "lost": np.isin(loans.status, LOST),
        "principal": state.by_loan(state.lines.principal),
        "late": late,
        "forborne": active & (loans.forborne == 1),
        "disbursed_on": loans.disbursed_on,
        "disbursed": loans.disbursed,
        "reached": np.stack([loans.reached_30, loans.reached_60, loans.reached_90], axis=1),
        **_then(before),
        "stage": np.where(active & (state.staging.by_stage == 1), state.staging.stage, 0),
        "booked": state.booked,
    }


def _held(loans: dict[str, Any], state: Portfolio | Swept, holders: Holders) -> dict[str, Any]:
    lends = holders.part > 0
    return {name: column[holders.loan] for name, column in loans.items()} | {
        "active": loans["active"][holders.loan] & lends,
        "stage": loans["stage"][holders.loan] * lends,
        "lender": holders.lender,
        "principal": principal_by_holder(state, holders, loans["principal"]),
        "booked": books_by_holder(state, holders),
    }


def _flows_of_advances(found: Swept, holders: Holders, first: int) -> list[Ints]:
    """What is expected of advances by holder, as differences of running totals."""
    place, due, principal, fee = expected_flows(found)
    line, holder, parts = flows_by_holder(holders, place, np.stack([principal, fee], axis=1))
    columns = (holder + first, due[line], parts[:, 0], np.zeros_like(line), parts[:, 1])
    return [column[holders.part[holder] > 0] for column in columns]


def _flows(state: Portfolio, holders: Holders, first: int) -> list[Ints]:
    held = lines_by_holder(state, holders)
    active = state.loans.status[holders.loan[held.holder]] == ACTIVE
    active &= holders.part[held.holder] > 0
    due = state.lines.due[held.line]
    columns = (held.holder + first, due, held.principal, held.income, held.charges)
    return [column[active] for column in columns]
