"""Everything the report shows, as frozen records: the report itself computes no risk.

Money is integer minor units of `Report.currency`; rates, probabilities and shares lie in 0 to 1.
Texts may come from the data: they are cleaned, clipped and escaped when shown.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tradeline.kernel.findings import Finding, Severity

Outcome = Literal["approve", "decline", "refer"]
Unit = Literal["minor", "share", "number"]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the ends of its interval, in the unit of the estimate."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One factor of a score in plain words with the firm's own figures.

    `points` is signed: negative takes points from the score. Reasons come most important first.
    """

    factor: str
    text: str
    points: float


@dataclass(frozen=True, slots=True)
class Change:
    """What would change the answer, how long it takes, and who can verify it."""

    action: str
    takes: str
    verified_by: str


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure of a firm; `unit` is `minor` for money, `share` for 0 to 1, else `number`.

    `suffix` follows a plain number, such as `days`; `value` is None where it is not known.
    """

    name: str
    value: float | None
    unit: Unit = "number"
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """Sales and purchases of one calendar month; `month` is its first day."""

    month: date
    sales_minor: int
    purchases_minor: int


@dataclass(frozen=True, slots=True)
class Counterparty:
    """One buyer or supplier: its amount and its share of the firm's sales or purchases."""

    name: str
    amount_minor: int
    share: float


@dataclass(frozen=True, slots=True)
class RatingEstimate:
    """The bank's rating as estimated: probability of each rating, and the take-up it gives."""

    probabilities: tuple[tuple[str, float], ...]
    take_up: float | None


@dataclass(frozen=True, slots=True)
class Firm:
    """One applicant: its decision, why, and what it rests on. None is 'not known'.

    `amount_minor` is what is offered, 0 unless approved. A reason without points says what decided;
    `next_step` what may lift it.
    """

    enterprise: str
    name: str
    outcome: Outcome
    industry: str = ""
    pd: Interval | None = None
    grade: str = ""
    score: float | None = None
    amount_minor: int = 0
    rate_annual: float | None = None
    term_days: int | None = None
    expected_profit_minor: int | None = None
    binding_constraint: str = ""
    reasons: tuple[Reason, ...] = ()
    next_step: str = ""
    changes: tuple[Change, ...] = ()
    key_figures: tuple[KeyFigure, ...] = ()
    months: tuple[Month, ...] = ()
    buyers: tuple[Counterparty, ...] = ()
    suppliers: tuple[Counterparty, ...] = ()
    rating: RatingEstimate | None = None


@dataclass(frozen=True, slots=True)
class GroupRate:
    """Firms of one group: how many, and the share that is likely to default."""

    name: str
    firms: int
    default_rate: Interval


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What the decisions add up to.

    `budget_value` is the profit that one more currency unit of budget would bring (None if not
    known); `gap` how far the plan's profit may lie below the best, as a share. `simple_plans` pairs
    a simple way to lend the same budget with the profit that it would bring.
    """

    budget_minor: int
    budget_binds: Literal["offers", "expected drawings"]
    expected_drawn_minor: int
    expected_profit_minor: int
    budget_value: float | None = None
    gap: float | None = None
    simple_plans: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DefaultDefinition:
    """What a PD is a probability of, over which horizon, calibrated to which stated rate."""

    text: str
    horizon_days: int
    portfolio_rate: float
    sample_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that stands before all figures."""

    severity: Severity
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class RocPoint:
    """One point of the ROC curve, with the interval of its true positive rate."""

    false_positive_rate: float
    true_positive_rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Firms of like PD: their mean PD and the share that defaulted, with its interval."""

    predicted: float
    observed: Interval
    firms: int
    defaults: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the model as used, with the suspicious features, and of the plain peer."""

    name: str
    meaning: str
    used: Interval
    with_suspicious: Interval | None = None
    peer: Interval | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """How the model did on firms whose outcome is known, out of fold.

    `peer` names the plain model beside it, such as `ridge logistic on 12 hand-made features`.
    """

    firms: int
    defaults: int
    peer: str
    figures: tuple[Figure, ...]
    roc: tuple[RocPoint, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspiciousFeature:
    """A feature that may be a consequence of default; `used` says if decisions use it."""

    name: str
    meaning: str
    evidence: str
    auc_alone: Interval | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Rows of one file read as one dataset: each was accepted or refused."""

    name: str
    dataset: str
    rows_read: int
    rows_accepted: int
    rows_refused: int

    @property
    def adds_up(self) -> bool:
        """Whether accepted and refused rows are all that were read."""
        return self.rows_read == self.rows_accepted + self.rows_refused


@dataclass(frozen=True, slots=True)
class Move:
    """What a scenario does to one firm's decision, and why: in a word or two, and in sentences."""

    enterprise: str
    outcome: Outcome
    amount_minor: int
    rate_annual: float | None
    pd: float | None
    why: str
    grade: str = ""
    binding_constraint: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A shock by industry, the portfolio under it, and every firm whose decision differs.

    `shocks` pairs an industry with what happens to it, in words.
    """

    name: str
    description: str
    shocks: tuple[tuple[str, str], ...]
    portfolio: Portfolio
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class CardSection:
    """One section of the model card: a heading and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """The hash of one input, of the code or of the parameters."""

    kind: str
    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report. `interval_level` is the level of all intervals, such as 0.9.

    `scored_by` says whether the PDs come from a model learned from outcomes or from the expert
    scorecard with stated weights. `notices` come on top of those that the report itself gives:
    the meaning of a PD, an expert scorecard, figures on few defaults, rows that do not add up.
    `default_rates` is what each grade of the firms is likely to show. `firms` come in the order in
    which they are shown; so many points of `points_to_double` double the odds of no default.
    """

    title: str
    as_of: date
    currency: str
    definition: DefaultDefinition
    portfolio: Portfolio
    firms: tuple[Firm, ...]
    scored_by: Literal["model", "expert"]
    interval_level: float
    notices: tuple[Notice, ...] = ()
    points_to_double: float | None = None
    default_rates: tuple[GroupRate, ...] = ()
    validation: Validation | None = None
    suspicious: tuple[SuspiciousFeature, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    scenario: Scenario | None = None
    model_card: tuple[CardSection, ...] = ()
    manifest: tuple[ManifestEntry, ...] = ()

    def __post_init__(self) -> None:
        known = {firm.enterprise for firm in self.firms}
        assert len(known) == len(self.firms), "each firm stands in the report once"
        moves = self.scenario.moves if self.scenario else ()
        assert all(move.enterprise in known for move in moves), "only firms of the report move"

    @property
    def firms_after_scenario(self) -> tuple[Firm, ...]:
        """The firms as the scenario leaves them: moved ones changed, all others as they are."""
        moves = {move.enterprise: move for move in self.scenario.moves} if self.scenario else {}
        return tuple(_moved(firm, moves.get(firm.enterprise)) for firm in self.firms)


def outcomes(firms: Iterable[Firm]) -> Counter[Outcome]:
    """How many firms have each outcome."""
    return Counter(firm.outcome for firm in firms)


def offered_minor(firms: Iterable[Firm]) -> int:
    """The sum of the offers to approved firms."""
    return sum(firm.amount_minor for firm in firms if firm.outcome == "approve")


def _moved(firm: Firm, move: Move | None) -> Firm:
    if move is None:
        return firm
    return replace(
        firm, outcome=move.outcome, amount_minor=move.amount_minor, rate_annual=move.rate_annual
    )
