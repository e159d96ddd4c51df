"""A batch of decisions: decided in columns, with the role in which it was dealt, then explored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tradeline.kernel.findings import problem
from tradeline.lake.columns import Column
from tradeline.risk.decisions.application import Applications
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.exploring import explore_all
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.record import CHAMPION, SHADOW


@dataclass(frozen=True, slots=True)
class Dealing:
    """How a batch came to its engine: the role, how likely that was, and what exploring has cost.

    A shadow decides beside the champion and binds nobody, so it explores nobody either.
    """

    role: str = CHAMPION
    propensity: float = 1.0
    spent_minor: int = 0


def decide_batch(
    applications: Applications,
    engine: Engine,
    at: datetime,
    measures: Sequence[Measure] = (),
    dealing: Dealing | None = None,
) -> tuple[dict[str, Column], int]:
    """The records of a batch, and what exploring has cost after it.

    InputProblem if an engine that may only be a shadow is dealt any other role.
    """
    dealing = dealing or Dealing()
    if engine.is_shadow and dealing.role != SHADOW:
        raise problem(
            "shadow-only",
            engine.name,
            "Its model is no card: nobody can read why a firm has its points, so it binds nobody.",
            "Decide by a scorecard or by curves, and let this engine run beside it: --shadow.",
        )
    records = decide_all(applications, engine, at, measures)
    records["role"][:] = dealing.role
    records["propensity"][:] = dealing.propensity
    if dealing.role == SHADOW:
        return records, dealing.spent_minor
    spent = explore_all(records, applications, engine, at, measures, dealing.spent_minor)
    return records, spent
