"""Columns known only after the outcome leave their marks; honest ones are let be."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.risk.modelling.loans import Floats, outcomes
from tests.risk.modelling.test_columns import texts
from tradeline.risk.modelling.alone import Sample, sample_of
from tradeline.risk.modelling.columns import Column, column_of
from tradeline.risk.modelling.leaks import Suspect, suspects_of

ROWS = 1500


def column(name: str, values: Sequence[object]) -> Column:
    return column_of(name, texts([str(value) for value in values]))


class Book:
    """Loans with honest columns, their terms, and what a lender wrote down later."""

    def __init__(self) -> None:
        generator = np.random.default_rng(3)
        self.debt = generator.normal(size=ROWS)
        self.bad = outcomes(-1.4 + 1.5 * self.debt, generator)
        self.sample: Sample = sample_of(self.bad, np.arange(ROWS), generator)
        self.amount: Floats = np.asarray(np.round(np.exp(9 + generator.normal(size=ROWS))), float)
        self.stated_term = generator.choice([36, 60, 84, 120, 240], ROWS)
        self.cut = np.round(self.stated_term * generator.uniform(0.1, 0.95, ROWS)).astype(int)
        self.opened = generator.integers(3000, 5000, ROWS)
        self.noise = generator.normal(size=ROWS)

    def suspects(self, **values: Sequence[object] | Floats) -> dict[str, Suspect]:
        honest: dict[str, Sequence[object] | Floats] = {
            "debt": self.debt, "amount": self.amount, "noise": self.noise,
        }  # fmt: skip
        columns = {
            name: column(name, list(held)) for name, held in [*honest.items(), *values.items()]
        }
        return {found.column: found for found in suspects_of(columns, self.sample, None)}


@pytest.fixture(scope="module")
def book() -> Book:
    return Book()


def test_honest_columns_are_no_suspects(book: Book) -> None:
    assert book.suspects() == {}


def test_a_copy_of_the_outcome_stands_on_top(book: Book) -> None:
    found = book.suspects(status=["lost" if bad else "paid" for bad in book.bad])
    assert found["status"].strong
    assert found["status"].evidence[0] == "Alone it nearly equals the outcome: AUC 1.000."


def test_a_column_filled_for_one_outcome_is_a_suspect(book: Book) -> None:
    days = [str(16_000 + row) if bad else "" for row, bad in enumerate(book.bad)]
    found = book.suspects(date_of_loss=days)["date_of_loss"]
    assert found.strong
    assert "It is filled in 100% of the defaults and in 0% of the others." in found.evidence


def test_an_amount_that_only_defaults_have_is_a_suspect(book: Book) -> None:
    generator = np.random.default_rng(9)
    taken = [round(a) if bad and generator.random() < 0.6 else 0
             for a, bad in zip(book.amount, book.bad, strict=True)]  # fmt: skip
    found = book.suspects(taken_back=taken)["taken_back"]
    assert found.strong
    assert found.auc < 0.9
    assert found.evidence[0].startswith("Where it is not 0, 100.0% are defaults (")


def test_a_term_that_the_outcome_cut_short_is_found_with_what_derives_from_it(book: Book) -> None:
    term = np.where(book.bad, book.cut, book.stated_term)
    found = book.suspects(
        term=list(term), days=list(30 * term), opened=list(book.opened),
        until=list(book.opened + 30 * term), long=[int(value >= 240) for value in term],
    )  # fmt: skip
    assert list(found)[:2] == ["days", "term"]
    assert any(
        mark.startswith("Good rows share their exact value") for mark in found["term"].evidence
    )
    assert found["until"].strong
    assert found["until"].evidence == ("With opened it gives days exactly.",)
    assert found["long"].strong
    assert "tell 100% of it" in found["long"].evidence[0]
    assert set(found) == {"term", "days", "until", "long"}


def test_what_was_repaid_is_found_by_being_equal_where_all_went_well(book: Book) -> None:
    repaid = np.where(book.bad, np.round(book.amount * 0.4), book.amount)
    found = book.suspects(repaid=list(repaid))
    assert "It equals amount in 100% of the good rows and in 0% of the defaults." in (
        found["repaid"].evidence
    )
    assert "amount" not in found


def test_a_name_is_weak_evidence_and_said_as_such(book: Book) -> None:
    found = book.suspects(last_payment_share=list(book.debt + book.noise / 2))
    suspect = found["last_payment_share"]
    assert not suspect.strong
    assert suspect.evidence[0].startswith("Its name speaks of what comes after (weak evidence)")


def test_nothing_is_suspected_where_defaults_are_too_few_to_tell() -> None:
    bad = np.zeros(200, dtype=bool)
    bad[:5] = True
    sample = sample_of(bad, np.arange(200), np.random.default_rng(0))
    columns = {"status": column("status", [int(flag) for flag in bad])}
    assert suspects_of(columns, sample, None) == ()


def test_a_date_after_the_moment_of_the_row_is_late_but_taints_no_other(book: Book) -> None:
    term = np.where(book.bad, book.cut, book.stated_term)
    paid_out = book.opened + 3
    values = {"term": term, "paid_out_date": paid_out, "until": paid_out + 30 * term}
    columns = {name: column(name, list(held)) for name, held in values.items()}
    suspects = suspects_of(columns, book.sample, book.opened.astype(np.float64))
    found = {suspect.column: suspect.evidence for suspect in suspects if suspect.strong}
    assert set(found) == {"term", "until", "paid_out_date"}
    assert found["until"] == ("With paid_out_date it gives term exactly.",)
    assert found["paid_out_date"] == ("It lies after the moment of the row in 100% of the rows.",)


def test_a_feature_that_declares_to_follow_from_default_is_late(book: Book) -> None:
    found = book.suspects(days_since_last_sale=list(book.noise))
    assert found["days_since_last_sale"].strong
