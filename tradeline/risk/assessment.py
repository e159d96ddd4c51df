"""The main job: a folder of records to a decision on every applicant, under dated terms.

Load, call the rules, hand back one record; `outputs` writes it, `reporting` shows it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.credit_file import CreditFile, read_credit_files
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_features
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.kernel.moments import end_of
from tradeline.kernel.money import minor_per_unit
from tradeline.lake.contracts import CONTRACTS, YEARS
from tradeline.lake.landing import Landing, land
from tradeline.lake.recognition import folder_proposal
from tradeline.risk.decision import (
    Applicants,
    Decided,
    Decision,
    Rules,
    applicants_of,
    decide,
    decisions_of,
)
from tradeline.risk.eligibility import read_eligibility_terms
from tradeline.risk.evidence import Evidence, read_evidence, read_quality_terms
from tradeline.risk.model import Model, build_model
from tradeline.risk.pricing.offers import Limits, check_limits
from tradeline.risk.pricing.profit import read_pricing_terms
from tradeline.risk.pricing.response import ResponseCurves
from tradeline.risk.pricing.take_up import TakeUp, estimate_take_up, read_curves
from tradeline.risk.scenario import read_scenario
from tradeline.risk.scoring.cross_fit import RESAMPLES
from tradeline.risk.scoring.grades import grades_of, read_grade_scale
from tradeline.risk.scoring.labels import Labels, read_labels
from tradeline.risk.scoring.reasons import make_explainer
from tradeline.risk.scoring.scores import ScoringTerms, check_base_rate, read_scoring_terms
from tradeline.risk.stress import Stressed, stress

Progress = Callable[[str], None]
Ints = NDArray[np.int64]

RESAMPLES_MAX = 10_000

DATED = tuple(contract.name for contract in CONTRACTS if "recorded_at" in contract.columns)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the folder, and what the lender states. `budget` is in currency units.

    Without `as_of` the day of the last record counts; without `base_rate` the parameter does.
    `caps` is each capped industry's greatest share of the budget.
    `resamples` refits of the model give each PD its range.
    """

    folder: Path
    budget: int
    mapping: Path | None = None
    currency: str = "CNY"
    as_of: date | None = None
    binds: Literal["offers", "expected drawings"] = "offers"
    base_rate: float | None = None
    default_definition: str = "Default as the outcomes of the folder state it."
    caps: Mapping[str, float] = field(default_factory=dict)
    scenario: Path | None = None
    seed: int = 0
    resamples: int = RESAMPLES


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """What the folder says as of a date; `earlier` holds the features as of a year before."""

    as_of: date
    files: tuple[CreditFile, ...]
    table: FeatureTable
    earlier: FeatureTable
    labels: Labels
    curves: ResponseCurves
    evidence: Evidence

    @property
    def applicant_rows(self) -> Ints:
        """Where the firms without a known outcome stand in the table."""
        known = self.labels.defaulted
        return np.array(
            [row for row, firm in enumerate(self.table.enterprises) if firm not in known],
            dtype=np.int64,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Assessment:
    """All that an assessment found.

    `grades` goes by the enterprises of the table; `applicants`, `decided` and `decisions` go by
    applicant. `stressed` is the plan under the scenario, if one was asked for.
    """

    request: Request
    landing: Landing
    records: Records
    terms: ScoringTerms
    model: Model
    rules: Rules
    grades: tuple[str, ...]
    take_up: TakeUp
    applicants: Applicants
    decided: Decided
    decisions: tuple[Decision, ...]
    stressed: Stressed | None
    findings: tuple[Finding, ...]

    @property
    def currency(self) -> str:
        """The currency of all money."""
        return self.landing.mapping.currency


def assess(request: Request, progress: Progress) -> Assessment:
    """Assess a folder. Raises InputProblem with what is in the way, nothing being decided."""
    check_request(request)
    proposal = folder_proposal(request.folder, request.mapping, request.currency, progress)
    refuse_unreadable(proposal.findings)
    landing = land(duckdb.connect(), request.folder, proposal.mapping, progress)
    records = read_records(landing.connection, request.as_of, progress)
    on, currency = records.as_of, landing.mapping.currency
    rules = _rules(request, records, currency)
    terms = replace(
        read_scoring_terms(on, request.base_rate), seed=request.seed, resamples=request.resamples
    )
    model = build_model(
        CATALOGUE, records.table, records.earlier, records.labels, terms, on, progress
    )
    take_up = estimate_take_up(
        records.table, model.inputs, records.labels, records.curves, rules.pricing,
        np.random.default_rng([terms.seed, 2]),
    )  # fmt: skip
    applicants = _applicants(records, model, take_up, rules)
    progress(f"deciding on {counted(len(applicants.pd), 'applicant')} within the budget")
    decided = decide(applicants, rules)
    explainer = make_explainer(model.scores.card, CATALOGUE, currency)
    stressed = _stressed(request, applicants, rules, decided, progress)
    return Assessment(
        request=request,
        landing=landing,
        records=records,
        terms=terms,
        model=model,
        rules=rules,
        grades=grades_of(model.scores.pd, rules.scale),
        take_up=take_up,
        applicants=applicants,
        decided=decided,
        decisions=decisions_of(applicants, decided, rules, explainer),
        stressed=stressed,
        findings=(
            *proposal.findings, *landing.findings, *_later_rows(landing.connection, on),
            *_stale(records, rules.eligibility.stale_after_days),
            *model.scores.findings, *take_up.findings,
            *(stressed.scenario.findings if stressed else ()),
        ),
    )  # fmt: skip


def refuse_unreadable(findings: Sequence[Finding]) -> None:
    """Stop where a file of the folder cannot be read: nobody is decided on by half of the data."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise InputProblem(errors)


def read_records(
    connection: duckdb.DuckDBPyConnection, as_of: date | None, progress: Progress
) -> Records:
    """Everything known by the end of a day; without a day, by that of the last record."""
    on = as_of or last_day(connection)
    moment = end_of(on)
    progress(f"computing {len(CATALOGUE)} features of every firm as of {on}")
    files = read_credit_files(connection, moment, read_quality_terms(on))
    return Records(
        on,
        files,
        compute_features(connection, moment),
        compute_features(connection, end_of(on - timedelta(days=365))),
        read_labels(connection, moment),
        read_curves(connection, on),
        read_evidence(connection, files, moment),
    )


def check_request(request: Request) -> None:
    """Refuse what cannot be asked, all reasons together, before anything is read."""
    (first, last), day = YEARS, request.as_of
    seed, resamples = request.seed, request.resamples
    rules = (
        (day is not None and not first <= day.year <= last, "--as-of",
         f"{day} lies outside the years {first} to {last}.", "Write it like 2024-12-31."),
        (seed < 0, "--seed", f"{seed} is negative.", "Take a whole number from 0."),
        (resamples < 1, "--resamples", f"{resamples} refits give no range.", "Take 1 or more."),
        (resamples > RESAMPLES_MAX, "--resamples", f"{resamples} refits take too long.",
         f"Take at most {RESAMPLES_MAX}."),
    )  # fmt: skip
    findings = [
        Finding("bad-option", Severity.ERROR, where, message, remedy)
        for broken, where, message, remedy in rules
        if broken
    ]
    if findings:
        raise InputProblem(findings)
    if request.base_rate is not None:
        check_base_rate(request.base_rate)
    if request.scenario is not None:
        read_scenario(request.scenario, ())


def last_day(connection: duckdb.DuckDBPyConnection) -> date:
    """The day of the folder's last record; InputProblem if no record has a day."""
    days = " UNION ALL ".join(f"SELECT max(occurred_at) AS last FROM {name}" for name in DATED)
    row = connection.execute(f"SELECT CAST(max(last) AS DATE) FROM ({days})").fetchone()
    if row is None or row[0] is None:
        raise problem(
            "no-dated-record",
            "folder",
            "No record of the folder carries a date, so no firm can be assessed as of one.",
            "Send invoices, orders or bank transactions.",
        )
    found: date = row[0]
    return found


def _rules(request: Request, records: Records, currency: str) -> Rules:
    """The rules on the date, the limits as the request states them."""
    on = records.as_of
    industries = tuple(records.files[row].industry.name for row in records.applicant_rows)
    limits = Limits(
        request.budget * minor_per_unit(currency), request.binds, industries, request.caps, currency
    )
    pricing = read_pricing_terms(on, currency)
    check_limits(limits, pricing.amount_min_minor)
    return Rules(read_grade_scale(on), read_eligibility_terms(on), pricing, limits)


def _applicants(records: Records, model: Model, take_up: TakeUp, rules: Rules) -> Applicants:
    return applicants_of(
        records.table,
        records.applicant_rows,
        model.scores.pd,
        take_up.rates_annual,
        take_up.chance,
        records.evidence,
        rules,
    )


def _stressed(
    request: Request,
    applicants: Applicants,
    rules: Rules,
    decided: Decided,
    progress: Progress,
) -> Stressed | None:
    if request.scenario is None:
        return None
    progress("deciding again under the scenario")
    return stress(request.scenario, applicants, rules, decided)


def _later_rows(connection: duckdb.DuckDBPyConnection, on: date) -> list[Finding]:
    """How many rows were not yet known on the day, and so do not count."""
    findings = []
    for name in DATED:
        row = connection.execute(
            f"SELECT count(*) FROM {name} WHERE occurred_at > $1 OR recorded_at > $1", [end_of(on)]
        ).fetchone()
        if row and row[0]:
            outcomes = name == "outcomes"
            also = ", and their firms are applicants" if outcomes else ""
            findings.append(
                Finding(
                    "not-yet-known",
                    Severity.WARNING if outcomes else Severity.NOTE,
                    name,
                    f"{counted(row[0], 'row')} occurred or became known after {on}: they do not "
                    f"count{also}.",
                    "Choose a later --as-of if they should.",
                    row[0],
                )
            )
    return findings


def _stale(records: Records, days: int) -> list[Finding]:
    """A warning where most firms have no fresh records."""
    fresh = int(np.count_nonzero(records.evidence.age_days <= days))
    if 2 * fresh >= len(records.files):
        return []
    return [
        Finding(
            "stale-records",
            Severity.WARNING,
            "folder",
            f"Of {counted(len(records.files), 'firm')}, {fresh} have records of the {days} days "
            f"before {records.as_of} on which a loan may rest; no other can be approved.",
            "Send newer records, choose an earlier --as-of, or mend rows with a wrong date.",
        )
    ]
