"""Stages of many loans at once, from day to day, as `provisions.stages` says them of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import InputProblem
from tradeline.lending.end_of_day.columns import (
    GUIDE,
    LOAN_COLUMNS,
    Texts,
    contract_of,
    values,
)
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Staging
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.fold import preview
from tradeline.lending.products.yearly_cost import scheduled_flows
from tradeline.lending.provisions.stages import StageRules
from tradeline.lending.rates.yields import effective_annual_rate
from tradeline.lending.value_reader import ValueReader

MILLION = 10**6
COLUMNS = tuple(
    column for column in LOAN_COLUMNS
    if column.name in ("provisions", "lgd_percent", "effective_rate_percent")
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """How loans stand on a day (see `provisions.stages.Seen`), an array for each figure."""

    days_past_due: Ints
    pd: NDArray[np.float64]
    pd_at_start: NDArray[np.float64]
    forborne: Flags
    unlikely_to_pay: Flags


def staging_of(loans: Sequence[tuple[str, Texts]]) -> Staging:
    """How loans (id and terms) are provided for; InputProblem if terms do not say."""
    return Staging.of([[*_stated(loan, texts), 0, 0, 0, 0] for loan, texts in loans])


def _stated(loan: str, texts: Texts) -> tuple[int, int, int]:
    """Whether a loan is provided for by stage, its LGD and its effective rate in millionths."""
    where, reader = f"loan {loan}", ValueReader(GUIDE)
    found = values(reader, texts, COLUMNS, where)
    if not found.get("provisions"):
        reader.stop_if_refused()
        return 0, 0, 0
    lgd = found.get("lgd_percent", Fraction(-1))
    if not 0 <= lgd <= 1:
        reader.refuse(f"{where}, lgd_percent", "Provisions by stage need one from 0 to 100.")
    reader.stop_if_refused()
    rate = found.get("effective_rate_percent")
    by_schedule = effective_rate(contract_of(texts, where), where) if rate is None else 0
    return 1, round(lgd * MILLION), by_schedule if rate is None else round(rate * MILLION)


def effective_rate(contract: Contract, where: str) -> int:
    """The effective rate of a schedule, in millionths; InputProblem if it has none."""
    try:
        return int(effective_annual_rate(scheduled_flows(preview(contract))) * MILLION)
    except InputProblem as refusal:
        reader = ValueReader(GUIDE)
        reader.refuse(f"{where}, effective_rate_percent", "The schedule has none; state it.")
        raise InputProblem(reader.findings) from refusal


def moved(before: Staging, rules: StageRules, day: int, seen: Seen, which: Flags) -> Staging:
    """The stages of some loans at the end of a day; others keep theirs."""
    default, increase = _signs(rules, seen)
    forborne = (before.forborne_in_default == 1) | seen.forborne
    was_default = ~default & (before.stage == 3)
    probation = np.where(forborne, rules.forborne_probation_days, rules.default_probation_days)
    # An arrear during probation starts it anew.
    clean = np.where(seen.days_past_due == 0, before.default_seen, day)
    stays = was_default & (day - clean < probation)
    cured = was_default & ~stays
    higher = ~default & ~was_default & increase
    waits = ~default & ~was_default & ~increase & (before.stage == 2)
    waits &= day - before.increase_seen < rules.increase_probation_days
    stage = np.select([default | stays, cured | higher | waits], [3, 2], 1)
    default_seen = np.select([default, stays], [day, clean], 0)
    increase_seen = np.select(
        [default | cured | higher, stays | waits], [day, before.increase_seen], 0
    )
    in_default = (default | stays) & forborne
    return replace(
        before,
        stage=np.where(which, stage, before.stage),
        default_seen=np.where(which, default_seen, before.default_seen),
        increase_seen=np.where(which, increase_seen, before.increase_seen),
        forborne_in_default=np.where(which, in_default, before.forborne_in_default),
    )


def _signs(rules: StageRules, seen: Seen) -> tuple[Flags, Flags]:
    """Signs of default, and of a significant increase in credit risk."""
    days = seen.days_past_due
    default = (days >= rules.default_days) | seen.unlikely_to_pay
    riskier = seen.pd - seen.pd_at_start >= rules.increase_margin
    riskier &= seen.pd > rules.increase_factor * seen.pd_at_start
    late = (rules.increase_days <= days) & (days < rules.default_days)
    return np.asarray(default), np.asarray(riskier | late | seen.forborne)
