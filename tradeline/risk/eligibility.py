"""What stands in the way of an offer before amount and rate are asked: nothing missing is approved.

A firm without data, whose records cannot be relied on or ended long ago, of grade D, or without
cash flow that an independent source shows is declined. A firm whose records hint at fabricated
trade is referred to a credit officer: a sign is no proof.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.evidence import Evidence
from tradeline.risk.parameters import read_parameters
from tradeline.risk.report.formatting import percent
from tradeline.risk.scoring.grades import NOT_LENT_TO

Floats = NDArray[np.float64]

REFER = "refer_"
CASH_FLOWS = ("bank_net_flow_monthly_minor", "cash_flow_monthly_minor")


class Bar(StrEnum):
    """What stands in the way of an offer, by the words that a reader sees."""

    DOUBTFUL = "doubtful records"
    NO_DATA = "no data"
    STALE = "stale records"
    GRADE = "grade D"
    CASH_FLOW = "no verified cash flow"
    REFERRAL = "signs of fabricated trade"


BAR_TEXTS = {
    Bar.DOUBTFUL: "Some records of the firm cannot be read or do not add up, so its figures "
    "cannot be relied on until they are mended.",
    Bar.STALE: "The records on which the firm's cash flow rests end too long before the date; "
    "newer ones are needed.",
    Bar.NO_DATA: "No record of the firm was known as of the date, so nothing can be decided on.",
    Bar.GRADE: "The PD lies in grade D, which is not lent to.",
    Bar.CASH_FLOW: "No independent source shows cash left over after purchases in the last twelve "
    "months, so no loan could be served from it.",
}


@dataclass(frozen=True, slots=True)
class EligibilityTerms:
    """`order_margin` turns orders into cash flow; `refer_from` is a share by name of feature.

    Records serve up to an age of `stale_after_days`, and while the doubtful are at most
    `doubtful_share_max` of them.
    """

    order_margin: float
    refer_from: Mapping[str, float]
    stale_after_days: int
    doubtful_share_max: float


def read_eligibility_terms(on: date) -> EligibilityTerms:
    """The terms of `parameters/eligibility.yaml` on a date."""
    values = {name: found.value for name, found in read_parameters("eligibility", on).items()}
    refer = {name.removeprefix(REFER): v for name, v in values.items() if name.startswith(REFER)}
    return EligibilityTerms(
        values["order_margin"], refer, values["stale_after_days"], values["doubtful_share_max"]
    )


def verified_cash_flow(table: FeatureTable, terms: EligibilityTerms) -> Floats:
    """Monthly cash flow of each firm in minor units that sources other than the firm show.

    The lower of what bank statements and invoices show; orders times a margin where there is
    neither; NaN where nothing is known.
    """
    shown = [table.column(name) for name in CASH_FLOWS if name in table.names]
    lowest = np.fmin.reduce([np.full(len(table.enterprises), np.nan), *shown])
    if "orders_monthly_mean_minor" not in table.names:
        return np.asarray(lowest)
    orders = terms.order_margin * table.column("orders_monthly_mean_minor")
    return np.where(np.isnan(lowest), orders, lowest)


def bars_of(
    table: FeatureTable,
    grades: Sequence[str],
    cash_flow_minor: Floats,
    evidence: Evidence,
    terms: EligibilityTerms,
) -> tuple[Bar | None, ...]:
    """What stands in each firm's way, None where nothing does; the first that holds counts."""
    suspected = np.zeros(len(grades), dtype=bool)
    for name, share in terms.refer_from.items():
        if name in table.names:
            suspected |= table.column(name) >= share
    has_flow = cash_flow_minor > 0
    cases = {
        Bar.DOUBTFUL: ~(evidence.doubtful_share <= terms.doubtful_share_max),
        Bar.NO_DATA: np.array([not grade for grade in grades], dtype=bool),
        # A cash flow of unknown age would be that of no records.
        Bar.STALE: (evidence.age_days > terms.stale_after_days)
        | (np.isnan(evidence.age_days) & has_flow),
        Bar.GRADE: np.array([grade == NOT_LENT_TO for grade in grades], dtype=bool),
        Bar.CASH_FLOW: ~has_flow,
        Bar.REFERRAL: suspected,
    }
    return tuple(
        next((bar for bar, holds in cases.items() if holds[firm]), None)
        for firm in range(len(grades))
    )


def evidence_text(bar: Bar, evidence: Evidence, firm: int, terms: EligibilityTerms) -> str:
    """Why a firm's records do not serve, with its own figures."""
    if bar is Bar.STALE and not np.isnan(evidence.age_days[firm]):
        return (
            f"The records on which its cash flow rests end {evidence.age_days[firm]:.0f} days "
            f"before the date, and serve for {terms.stale_after_days}; newer ones are needed."
        )
    if bar is Bar.DOUBTFUL:
        share = percent(float(evidence.doubtful_share[firm]))
        return (
            f"Of its records of one kind, {share} cannot be read or do not add up, so its figures "
            "cannot be relied on until they are mended."
        )
    return BAR_TEXTS[bar]


def referral_text(table: FeatureTable, firm: int, terms: EligibilityTerms) -> str:
    """Which signs of fabricated trade a firm shows, with its own figures and what they are not."""
    signs = [
        f"{name.replace('_', ' ').removesuffix(' 12m')} {percent(float(table.column(name)[firm]))}"
        for name, share in terms.refer_from.items()
        if name in table.names and table.column(name)[firm] >= share
    ]
    return (
        f"Signs of fabricated trade: {', '.join(signs)}. A sign is no proof; "
        "a credit officer looks at the invoices."
    )
