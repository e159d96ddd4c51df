"""A saved model judged for all applicants of a table, of whom only the approved have an outcome."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.kernel.texts import clean
from tradeline.risk.modelling.artifact import model_hash
from tradeline.risk.modelling.columns import Kind, column_of
from tradeline.risk.modelling.inputs import matrix_of, read_values
from tradeline.risk.modelling.model import Model
from tradeline.risk.modelling.moments import read_moments
from tradeline.risk.modelling.score import score_table
from tradeline.risk.modelling.tables import Table
from tradeline.risk.modelling.target import flags_by_rule
from tradeline.risk.report.data import Interval
from tradeline.risk.selection.evaluation import Applicants, Lending, Way, evaluate
from tradeline.risk.selection.propensity import Overlap, estimate_propensities, overlap_of
from tradeline.risk.validation.maximum_profit import read_profit_terms

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

YES = ("1", "true", "yes", "y", "approved", "accepted")
NO = ("0", "false", "no", "n", "declined", "rejected", "refused")
WITHOUT_PRIOR = (Way.APPROVED_ONLY, Way.REWEIGHTED)


@dataclass(frozen=True, slots=True)
class SelectionQuestion:
    """The columns of a table of applicants, and what the model would do.

    `approved` says who was approved, empty for those with an outcome; `propensity` how likely that
    was, empty to estimate it from what the model reads. `earned` and `lost` are shares of a good
    and of a bad loan, None for those of the parameters.
    """

    target: str
    approved: str = ""
    propensity: str = ""
    approve: float = 0.7
    earned: float | None = None
    lost: float | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SelectionStudy:
    """The figures by each way to count who has no outcome, and how far the approved can speak."""

    model_hash: str
    data: str
    data_hash: str
    lending: Lending
    propensities: str
    prior: str
    overlap: Overlap
    figures: Mapping[str, Mapping[str, Interval]]
    findings: tuple[Finding, ...]


def study_selection(
    model: Model, table: Table, question: SelectionQuestion, on: date, prior: Model | None = None
) -> SelectionStudy:
    """Judge by every way that can be: without a prior, by the approved only and reweighted.

    `on` is the day whose parameters of profit count. InputProblem for columns that cannot be read,
    too few outcomes, and a prior that is the model itself.
    """
    if prior is not None and model_hash(prior) == model_hash(model):
        raise problem(
            "own-prior", "--prior", "The prior is the model that is judged: it would agree with "
            "itself.", "Name another model.",
        )  # fmt: skip
    known, bad = flags_by_rule(table, question.target, model.target)
    approved = _approved(table, question.approved) if question.approved else known
    rows = ~table.broken & ~(approved & ~known)
    scored = score_table(model, table)
    findings = [*scored.findings, *_findings(table, approved & ~known & ~table.broken)]
    propensity = _propensities(model, table, question, approved, rows)
    applicants = Applicants(
        scored.pds[rows],
        approved[rows],
        bad[rows].astype(np.float64),
        propensity,
        score_table(prior, table).pds[rows] if prior else np.zeros(int(rows.sum())),
    )
    overlap = overlap_of(applicants.approved, propensity)
    lending = _lending(question, on)
    ways = tuple(Way) if prior else WITHOUT_PRIOR
    return SelectionStudy(
        model_hash(model),
        table.name,
        table.content_hash,
        lending,
        f"as '{question.propensity}' states" if question.propensity else "estimated",
        model_hash(prior) if prior else "",
        overlap,
        {
            str(way): evaluate(applicants, way, lending, _chance(question, 1 + place))
            for place, way in enumerate(ways)
        },
        (*findings, *(_told(warning) for warning in overlap.warnings)),
    )


def _chance(question: SelectionQuestion, what: int) -> np.random.Generator:
    return np.random.default_rng([question.seed, 5, what])


def _lending(question: SelectionQuestion, on: date) -> Lending:
    """What is earned and lost as stated, else the means of the parameters' law."""
    terms = read_profit_terms(on)
    mean_lost = terms.all_lost + (1 - terms.none_lost - terms.all_lost) / 2
    return Lending(
        question.approve,
        terms.earned if question.earned is None else question.earned,
        mean_lost if question.lost is None else question.lost,
    )


def _approved(table: Table, name: str) -> Flags:
    """Who was approved; InputProblem for a word that says neither yes nor no."""
    texts = table.texts(table.column_called(name, "--approved"))
    words = [text.strip().casefold() for text in texts.levels]
    known = np.array([word in (*YES, *NO) for word in words], dtype=bool)
    strange = np.flatnonzero(~known[texts.codes] & ~table.broken)
    if len(strange):
        first = texts.levels[int(texts.codes[strange[0]])]
        says = f"says '{clean(first, 40)}', neither yes nor no" if first else "says nothing"
        raise problem(
            "not-a-flag", "--approved",
            f"'{name}' {says}, in {counted(len(strange), 'row')}.",
            f"Write one of {', '.join((*YES, *NO))}.",
        )  # fmt: skip
    return np.array([word in YES for word in words], dtype=bool)[texts.codes]


def _propensities(
    model: Model, table: Table, question: SelectionQuestion, approved: Flags, rows: Flags
) -> Floats:
    """The chance of approval of some rows, stated or estimated from what the model reads."""
    if not question.propensity:
        days = None
        if model.learned.time_form is not None and model.learned.time in table.names:
            days = read_moments(model.learned.time_form, table).days
        values = read_values(table, [part.form for part in model.inputs])
        X = matrix_of(model.inputs, values, days, table.rows)[rows]
        if approved[rows].all() or not approved[rows].any():
            raise problem(
                "one-kind", table.name, "Everybody was approved, or nobody was.",
                "Give a table of approved and of declined applicants.",
            )  # fmt: skip
        return estimate_propensities(X, approved[rows], _chance(question, 0))
    name = table.column_called(question.propensity, "--propensity")
    column = column_of(name, table.texts(name))
    numbers = column.values.numbers[rows]
    if column.form.kind not in (Kind.NUMBER, Kind.INTEGER) or np.isnan(numbers).any():
        raise problem(
            "no-propensity", "--propensity", f"'{name}' is no number in every row.",
            "Take the propensities of the decision records, or leave the option out.",
        )  # fmt: skip
    return numbers


def _findings(table: Table, unripe: Flags) -> list[Finding]:
    if not unripe.any():
        return []
    return [
        Finding(
            "no-outcome-yet", Severity.WARNING, table.name,
            f"{counted(int(unripe.sum()), 'approved row')} without an outcome are left out.",
            "Nothing, if their time has not run.", int(unripe.sum()),
        )
    ]  # fmt: skip


def _told(warning: str) -> Finding:
    return Finding("overlap", Severity.WARNING, "overlap", warning, "Explore, or believe less.")
