"""The card says what the model is, what it rests on, and where to stop trusting it."""

import json

from tests.risk.assessed import assessment
from tradeline.risk.model_card import card_sections, group_rates, model_card, score_shift


def test_the_card_is_plain_json() -> None:
    card = model_card(assessment())
    assert json.loads(json.dumps(card, allow_nan=False)) == card


def test_every_parameter_that_is_an_assumption_is_named() -> None:
    lines = " ".join(model_card(assessment())["assumptions"])
    for name in ("lgd", "portfolio_default_rate", "grade_c_below", "order_margin"):
        assert f"{name} = " in lines


def test_what_data_gave_instead_is_no_assumption() -> None:
    lines = model_card(assessment())["assumptions"]
    assert not [line for line in lines if line.startswith(("sales_12m_minor", "lost_share"))]
    assert not [line for line in lines if " 1: " in line or " share: " in line]


def test_the_period_of_the_records_is_named() -> None:
    data = model_card(assessment())["data"]
    assert data["first_record"] < data["as_of"] == assessment().records.as_of.isoformat()


def test_grades_and_tenths_hold_all_applicants_with_a_pd() -> None:
    known = sum(grade != "" for grade in assessment().decided.grades)
    for groups in group_rates(assessment()).values():
        assert sum(group.firms for group in groups) == known
        for group in groups:
            rate = group.default_rate
            assert 0 <= rate.low <= rate.high <= 1


def test_the_shift_between_learners_and_applicants_is_measured() -> None:
    shift = score_shift(assessment())
    assert shift is not None
    assert shift.index >= 0


def test_a_reader_gets_every_section() -> None:
    sections = card_sections(model_card(assessment()))
    assert [section.title for section in sections] == [
        "Model", "Population", "Stability", "The bank's rating", "Assumptions", "Known limits",
    ]  # fmt: skip
    assert all(section.lines for section in sections)
