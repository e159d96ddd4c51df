"""The record of one decision: what was seen, by what it was decided, what and why."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tradeline.lake.columns import Column, Columns, objects, row_of
from tradeline.risk.decisions.application import Applications
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.versions import NOT_RECORDED, Versions
from tradeline.risk.policy.declaration import Outcome

NO_SCORE = NO_POINTS = -(2**31)
REASONS = tuple(f"reason_{place}" for place in (1, 2, 3, 4))
CHAMPION, SHADOW = "champion", "shadow"
LGD_SEGMENT = "lgd_segment"
CHANGES = tuple(f"change_{place}" for place in (1, 2, 3))
OFFERED = {"amount_minor": np.int64, "rate_annual": np.float64, "term_months": np.int64,
           "profit_minor": np.int64, "loss_minor": np.int64}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered: `amount_minor` at `rate_annual` for `term_months`; all 0 where nothing is.

    `profit_minor` is expected, take-up counted; `loss_minor` is expected if it is taken.
    """

    amount_minor: int = 0
    rate_annual: float = 0.0
    term_months: int = 0
    profit_minor: int = 0
    loss_minor: int = 0


NO_OFFER = Offered()


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    `values` and `ages_days` are what was seen, as it came. `engine` is the hash of all that
    decided, `versions` those of model, policy and terms apart. `points` go by the card's factors;
    `score` and `pd` are None where there is no score.
    `role` says whether the champion decided, a challenger, a shadow or the exploration arm, and
    `propensity` how likely it was that just this befell the enterprise.
    `hits` are, by table of the policy that was asked, the bits of the rows that took the values;
    `trace.verdict_of` makes the trace again. `lgd_segment` says whose LGD counts, `all` for the
    pooled one, and is empty where the lender has one for all. `reasons` and `changes` are codes, at
    most four and three, which `words.py` says in words.
    """

    decision: str
    application: str
    enterprise: str
    engine: str
    at: datetime
    consent_until: datetime | None
    values: Mapping[str, object]
    ages_days: Mapping[str, object]
    points: tuple[int, ...]
    score: int | None
    pd: float | None
    grade: str
    hits: tuple[int, ...]
    outcome: Outcome
    offered: Offered
    reasons: tuple[str, ...]
    changes: tuple[str, ...]
    role: str = CHAMPION
    propensity: float = 1.0
    versions: Versions = NOT_RECORDED
    lgd_segment: str = ""


def name_of(application: str, engine: str, at: datetime) -> str:
    """What a decision is called: the same application, engine and moment give the same name."""
    return _name(application, f"\n{engine}\n{at.isoformat()}")


def names_of(applications: Column, engine: str, at: datetime) -> Column:
    """`name_of` for each of many applications."""
    end = f"\n{engine}\n{at.isoformat()}"
    return objects([_name(application, end) for application in applications.tolist()])


def _name(application: str, end: str) -> str:
    return "dec_" + hashlib.sha256((application + end).encode()).hexdigest()[:26]


def decision_columns(decisions: Sequence[Decision], engine: Engine) -> dict[str, Column]:
    """Records as the columns of a log, what was seen left out."""
    tables = engine.policy.program.tables
    found: dict[str, Column] = {
        "decision": objects([one.decision for one in decisions]),
        "application": objects([one.application for one in decisions]),
        "enterprise": objects([one.enterprise for one in decisions]),
        "score": np.array(
            [NO_SCORE if one.score is None else one.score for one in decisions], dtype=np.int32
        ),
        "pd": np.array([np.nan if one.pd is None else one.pd for one in decisions]),
        "grade": objects([one.grade for one in decisions]),
        "outcome": objects([str(one.outcome) for one in decisions]),
    }
    names = engine.model.names
    none = (NO_POINTS,) * len(names)
    points = np.array([one.points or none for one in decisions], dtype=np.int32)
    points = points.reshape(len(decisions), len(names))
    found |= {f"points.{name}": points[:, place].copy() for place, name in enumerate(names)}
    for place, table in enumerate(tables):
        hits = [str(one.hits[place]) if place < len(one.hits) else "" for one in decisions]
        found[f"hits.{table.table.name}"] = objects(hits)
    for name, kind in OFFERED.items():
        found[name] = np.array([getattr(one.offered, name) for one in decisions], dtype=kind)
    for names, codes in ((REASONS, "reasons"), (CHANGES, "changes")):
        given = [getattr(one, codes) for one in decisions]
        for place, name in enumerate(names):
            found[name] = objects([c[place] if place < len(c) else "" for c in given])
    if engine.terms.lgd_by:
        found[LGD_SEGMENT] = objects([one.lgd_segment for one in decisions])
    found["role"] = objects([one.role for one in decisions])
    found["propensity"] = np.array([one.propensity for one in decisions], dtype=np.float64)
    return found


def enter_decision(columns: dict[str, Column], row: int, decision: Decision) -> None:
    """Enter in place what an exploration changed of the record of a row."""
    columns["outcome"][row] = str(decision.outcome)
    columns["role"][row], columns["propensity"][row] = decision.role, decision.propensity
    for name in OFFERED:
        columns[name][row] = getattr(decision.offered, name)
    for place, name in enumerate(REASONS):
        given = decision.reasons
        columns[name][row] = given[place] if place < len(given) else ""


def decision_at(
    columns: Columns, row: int, engine: Engine, seen: Applications, at: datetime
) -> Decision:
    """The record of one row of a log; `seen` are the applications of the same rows."""
    points = tuple(int(columns[f"points.{name}"][row]) for name in engine.model.names)
    score = int(columns["score"][row])
    hits = [columns[f"hits.{table.table.name}"][row] for table in engine.policy.program.tables]
    until = seen.consent_until[row]
    return Decision(
        decision=str(columns["decision"][row]),
        application=str(columns["application"][row]),
        enterprise=str(columns["enterprise"][row]),
        engine=engine.hash,
        at=at,
        consent_until=None if np.isnat(until) else until.item().replace(tzinfo=UTC),
        values=row_of(seen.values, row),
        ages_days=row_of(seen.ages_days, row),
        points=() if score == NO_SCORE else points,
        score=None if score == NO_SCORE else score,
        pd=None if score == NO_SCORE else float(columns["pd"][row]),
        grade=str(columns["grade"][row]),
        hits=tuple(int(hit) for hit in hits if hit),
        outcome=Outcome(str(columns["outcome"][row])),
        offered=Offered(
            int(columns["amount_minor"][row]),
            float(columns["rate_annual"][row]),
            *(int(columns[n][row]) for n in ("term_months", "profit_minor", "loss_minor")),
        ),
        reasons=tuple(str(columns[name][row]) for name in REASONS if columns[name][row]),
        changes=tuple(str(columns[name][row]) for name in CHANGES if columns[name][row]),
        role=str(columns["role"][row]),
        propensity=float(columns["propensity"][row]),
        versions=engine.versions,
        lgd_segment=str(columns[LGD_SEGMENT][row]) if engine.terms.lgd_by else "",
    )
