"""The stages of IFRS 9: sound, riskier than at the start, in default; and the way back.

A loan is in stage 3 from a sign of default on, in stage 2 from a significant increase in credit
risk on. It goes back one stage when no such sign has been seen for the days of probation: first
from 3 to 2, then from 2 to 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.risk.parameters import read_parameters

Stage = Literal[1, 2, 3]
Sign = Literal[
    "default: days past due", "default: unlikely to pay", "increase: days past due",
    "increase: PD", "increase: forborne", "probation",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StageRules:
    """Thresholds and probations; `parameters/stages.yaml` says what each is."""

    increase_days: int
    increase_factor: float
    increase_margin: float
    default_days: int
    default_probation_days: int
    forborne_probation_days: int
    increase_probation_days: int


@dataclass(frozen=True, slots=True)
class Seen:
    """How a loan stood on a day.

    `pd` is the PD of its remaining life as judged then, `pd_at_start` what that PD was expected to
    be when the loan began. `forborne`: its terms are eased for a borrower in difficulty.
    """

    on: date
    days_past_due: int
    pd: float
    pd_at_start: float
    forborne: bool = False
    unlikely_to_pay: bool = False


@dataclass(frozen=True, slots=True)
class Staged:
    """The stage of a loan on a day, since when, and what was seen that puts it there."""

    on: date
    stage: Stage
    since: date
    signs: tuple[Sign, ...]


def read_stage_rules(on: date) -> StageRules:
    """The rules of `parameters/stages.yaml` on a date."""
    found = {name: each.value for name, each in read_parameters("stages", on).items()}
    return StageRules(**{name: found[name] for name in StageRules.__slots__})


def remaining_pd(cumulative: tuple[float, ...], after_months: int) -> float:
    """The PD of the life that remains after so many months, of one that survived them.

    `cumulative` are PDs by the end of month 1, 2, ... as seen at the start.
    """
    survived = 1 - (cumulative[after_months - 1] if after_months else 0.0)
    return (cumulative[-1] - (1 - survived)) / survived if survived > 0 else 1.0


def staged(rules: StageRules, seen: Iterable[Seen]) -> tuple[Staged, ...]:
    """The stage of a loan on each day that it was looked at, in the order of days.

    InputProblem if a PD is none, or days are out of order or below zero: a loan whose risk is not
    known has no stage.
    """
    found = list[Staged]()
    state = _State()
    for each in seen:
        _check(each, found)
        state, signs = _next(rules, state, each)
        same = found and found[-1].stage == state.stage
        found.append(Staged(each.on, state.stage, found[-1].since if same else each.on, signs))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _State:
    """The stage, and when signs of default and of an increase were last seen."""

    stage: Stage = 1
    default_seen: date | None = None
    increase_seen: date | None = None
    forborne_in_default: bool = False


def _next(rules: StageRules, state: _State, seen: Seen) -> tuple[_State, tuple[Sign, ...]]:
    signs = _signs(rules, seen)
    if any(sign.startswith("default") for sign in signs):
        return replace(
            state,
            stage=3,
            default_seen=seen.on,
            increase_seen=seen.on,
            forborne_in_default=state.forborne_in_default or seen.forborne,
        ), signs
    if state.stage == 3:
        forborne = state.forborne_in_default or seen.forborne
        days = rules.forborne_probation_days if forborne else rules.default_probation_days
        # An arrear during probation starts it anew.
        clean = state.default_seen if seen.days_past_due == 0 else seen.on
        if not _over(clean, seen.on, days):
            return replace(state, default_seen=clean, forborne_in_default=forborne), (
                *signs,
                "probation",
            )
        return _State(2, None, seen.on), signs or ("probation",)
    if signs:
        return replace(state, stage=2, increase_seen=seen.on), signs
    if state.stage == 2 and not _over(state.increase_seen, seen.on, rules.increase_probation_days):
        return state, ("probation",)
    return _State(), ()


def _signs(rules: StageRules, seen: Seen) -> tuple[Sign, ...]:
    higher = seen.pd - seen.pd_at_start >= rules.increase_margin
    several = seen.pd > rules.increase_factor * seen.pd_at_start
    signs: list[tuple[bool, Sign]] = [
        (seen.days_past_due >= rules.default_days, "default: days past due"),
        (seen.unlikely_to_pay, "default: unlikely to pay"),
        (
            rules.increase_days <= seen.days_past_due < rules.default_days,
            "increase: days past due",
        ),
        (higher and several, "increase: PD"),
        (seen.forborne, "increase: forborne"),
    ]
    return tuple(sign for holds, sign in signs if holds)


def _over(since: date | None, day: date, days: int) -> bool:
    return since is None or (day - since).days >= days


def _check(seen: Seen, found: list[Staged]) -> None:
    probable = all(0 <= pd <= 1 for pd in (seen.pd, seen.pd_at_start))
    ordered = not found or found[-1].on < seen.on
    if not probable or not ordered or seen.days_past_due < 0:
        raise problem(
            "no-stage",
            f"stage on {seen.on}",
            f"PDs of {seen.pd} and {seen.pd_at_start} with {seen.days_past_due} days past due give "
            "no stage, or the day does not follow the one before.",
            "Give each day once and in order, PDs from 0 to 1, and days from 0 on.",
        )
