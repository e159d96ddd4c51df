"""A model as a value: what it reads and says, what it was learned from, what it may serve for."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.risk.modelling.columns import Form
from tradeline.risk.modelling.leaks import Suspect
from tradeline.risk.modelling.screening import LeftOut
from tradeline.risk.modelling.target import TargetRule
from tradeline.risk.scoring.card import USUAL, Card, Scale
from tradeline.risk.scoring.overrides import Override

Floats = NDArray[np.float64]

UNKNOWN = "not stated"


class ModelKind(StrEnum):
    """What makes the PD. `CURVES` are a glass box of single columns: an engine decides by them."""

    SCORECARD = "scorecard"
    BOOSTED = "boosted"
    GLASS_BOX = "glass-box"
    CURVES = "curves"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a PD is the probability of, for whom, within which time; None and empty: not stated."""

    default_definition: str = ""
    days_past_due: int | None = None
    cure: str = ""
    horizon_months: int | None = None
    population: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A column that the model reads: its form, and what was seen of it in training.

    A date is read as the days from it to the moment of the row. `low` and `high` are the least and
    the greatest value, None for levels.
    """

    form: Form
    low: float | None
    high: float | None
    missing_share: float

    @property
    def name(self) -> str:
        """The name of its column."""
        return self.form.name


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of the model on rows that it did not see, with its interval."""

    name: str
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a less plain kind of model reaches on rows that judge the model too.

    `area` is its AUC there, `gain` what it adds to the model's on the same rows, paired. `size` is
    of how many numbers it is made, 0 where nobody counted, as is `judged`, the number of rows.
    """

    kind: ModelKind
    area: Measured
    gain: Measured
    judged: int = 0
    size: int = 0

    @property
    def verdict(self) -> str:
        """Whether what it adds is more than chance."""
        if self.gain.low > 0:
            return "more than chance"
        if self.gain.high < 0:
            return "it would rank worse"
        return "these rows do not tell whether that is chance"


@dataclass(frozen=True, slots=True)
class Learned:
    """What a model was learned from and how it was judged.

    `period` holds the first and the last moment of the rows as written, empty without a time
    column. `protocol` says how rows were set apart for the figures, `judged` how many of them.
    """

    data: str
    data_hash: str
    rows: int
    defaults: int
    time: str
    time_form: Form | None
    enterprise: str
    period: tuple[str, ...]
    protocol: str
    judged: int
    judged_defaults: int
    seed: int


@dataclass(frozen=True, slots=True)
class Overrides:
    """What an analyst decided: columns kept against suspicion, columns taken out."""

    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """Scores of the rows that the model learned from: inner edges of equal parts, rows in each."""

    edges: tuple[float, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A model of default on a table's columns.

    `card` is the scorecard, None for a challenger, whose own text is `challenger`. `base_rate` is
    the default rate to which PDs are calibrated: that of the training rows unless one was stated.
    `ceiling` is what less plain kinds reach on rows judged too, empty where nobody looked.
    `created_for` and `expires_on` are days as ISO text, empty where not stated. `scale` and `edits`
    (what an analyst decided over the data) are those of the card, where there is one.
    """

    kind: ModelKind
    target: TargetRule
    meaning: Meaning
    base_rate: float
    base_rate_is_stated: bool
    learned: Learned
    inputs: tuple[Input, ...]
    card: Card | None
    challenger: str
    left_out: tuple[LeftOut, ...]
    suspects: tuple[Suspect, ...]
    overrides: Overrides
    figures: tuple[Measured, ...]
    ceiling: tuple[Ceiling, ...]
    reference: Reference
    notes: tuple[str, ...]
    created_for: str = ""
    expires_on: str = ""
    scale: Scale = USUAL
    edits: tuple[Override, ...] = ()

    @property
    def sample_rate(self) -> float:
        """The default rate of the rows that it was learned from."""
        return self.learned.defaults / self.learned.rows

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that it reads."""
        return tuple(part.name for part in self.inputs)

    def figure(self, name: str) -> Measured | None:
        """A figure by its name, None if it was not measured."""
        return next((figure for figure in self.figures if figure.name == name), None)


def reference_of(scores: ArrayLike, parts: int = 10) -> Reference:
    """Scores cut into parts of about equal count."""
    values = np.asarray(scores, dtype=np.float64)
    edges = np.unique(np.quantile(values, np.arange(1, parts) / parts))
    rows = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1)
    return Reference(tuple(edges.tolist()), tuple(rows.tolist()))
