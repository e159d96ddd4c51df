"""Nothing missing is approved; a suspicion goes to a person."""

from datetime import date

import numpy as np
import pytest

from tradeline.creditfile.features.table import FeatureTable
from tradeline.risk.eligibility import (
    Bar,
    EligibilityTerms,
    bars_of,
    evidence_text,
    read_eligibility_terms,
    referral_text,
    verified_cash_flow,
)
from tradeline.risk.evidence import Evidence
from tradeline.risk.report.formatting import NBSP

TERMS = EligibilityTerms(0.1, {"same_day_reversal_share_12m": 0.1}, 120, 0.01)
SOUND = (5.0, 0.0)
NAMES = (
    "bank_net_flow_monthly_minor",
    "cash_flow_monthly_minor",
    "orders_monthly_mean_minor",
    "same_day_reversal_share_12m",
)
NAN = float("nan")


def table(*rows: tuple[float, ...]) -> FeatureTable:
    firms = tuple(f"E{number}" for number in range(len(rows)))
    return FeatureTable(firms, NAMES, np.array(rows, dtype=np.float64))


@pytest.mark.parametrize(
    ("row", "flow"),
    [
        ((500.0, 900.0, 70.0, 0.0), 500.0),
        ((NAN, 900.0, 70.0, 0.0), 900.0),
        ((500.0, -1.0, 70.0, 0.0), -1.0),
        ((NAN, NAN, 70.0, 0.0), 7.0),
        ((NAN, NAN, NAN, 0.0), NAN),
    ],
)
def test_cash_flow_is_the_lowest_that_a_source_shows(row: tuple[float, ...], flow: float) -> None:
    assert verified_cash_flow(table(row), TERMS).tolist() == pytest.approx([flow], nan_ok=True)


def test_a_folder_of_one_source_has_its_cash_flow_too() -> None:
    only = FeatureTable(("E0",), NAMES[1:2], np.array([[900.0]]))
    assert verified_cash_flow(only, TERMS).tolist() == [900.0]


@pytest.mark.parametrize(
    ("grade", "flow", "reversed_share", "evidence", "bar"),
    [
        ("A", 100.0, 0.0, SOUND, None),
        ("", 100.0, 0.0, SOUND, Bar.NO_DATA),
        ("D", 100.0, 0.0, SOUND, Bar.GRADE),
        ("A", 0.0, 0.0, SOUND, Bar.CASH_FLOW),
        ("A", -5.0, 0.0, SOUND, Bar.CASH_FLOW),
        ("A", NAN, 0.0, SOUND, Bar.CASH_FLOW),
        ("A", 100.0, 0.1, SOUND, Bar.REFERRAL),
        ("A", 100.0, NAN, SOUND, None),
        ("D", NAN, 0.5, SOUND, Bar.GRADE),
        ("A", 100.0, 0.0, (120.0, 0.01), None),
        ("D", 100.0, 0.0, (121.0, 0.0), Bar.STALE),
        ("A", 100.0, 0.0, (NAN, 0.0), Bar.STALE),
        ("A", NAN, 0.0, (NAN, 0.0), Bar.CASH_FLOW),
        ("", NAN, 0.0, (NAN, 0.011), Bar.DOUBTFUL),
        ("A", 100.0, 0.0, (5.0, NAN), Bar.DOUBTFUL),
        ("", NAN, 0.0, (NAN, 0.0), Bar.NO_DATA),
    ],
)
def test_each_bar_stands_where_it_must(
    grade: str, flow: float, reversed_share: float, evidence: tuple[float, float], bar: Bar | None
) -> None:
    firms = table((NAN, flow, NAN, reversed_share))
    assert bars_of(firms, [grade], np.array([flow]), evidence_of(evidence), TERMS) == (bar,)


def evidence_of(*firms: tuple[float, float]) -> Evidence:
    age, doubtful = np.array(firms, dtype=np.float64).T
    return Evidence(age, doubtful)


def test_records_that_do_not_serve_are_told_with_their_figures() -> None:
    evidence = evidence_of((200.0, 0.25), (NAN, 0.0))
    assert evidence_text(Bar.STALE, evidence, 0, TERMS) == (
        "The records on which its cash flow rests end 200 days before the date, and serve for "
        "120; newer ones are needed."
    )
    assert evidence_text(Bar.DOUBTFUL, evidence, 0, TERMS) == (
        f"Of its records of one kind, 25.0{NBSP}% cannot be read or do not add up, so its figures "
        "cannot be relied on until they are mended."
    )
    assert evidence_text(Bar.STALE, evidence, 1, TERMS).endswith("newer ones are needed.")


def test_a_referral_names_the_sign_and_says_that_it_is_no_proof() -> None:
    firms = table((NAN, 100.0, NAN, 0.25))
    assert referral_text(firms, 0, TERMS) == (
        f"Signs of fabricated trade: same day reversal share 25.0{NBSP}%. A sign is no proof; "
        "a credit officer looks at the invoices."
    )


def test_the_terms_name_features_of_the_catalogue() -> None:
    from tradeline.creditfile.features.catalogue import CATALOGUE

    terms = read_eligibility_terms(date(2024, 12, 31))
    assert set(terms.refer_from) <= {f.name for f in CATALOGUE if f.fraud_signal}
