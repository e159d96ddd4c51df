"""Rows of texts make the contracts and events that they state, or say what is wrong."""

import numpy as np
import pytest

from tests.lending.end_of_day.made import loan
from tests.lending.end_of_day.written import landed
from tradeline.kernel.findings import InputProblem
from tradeline.lending.end_of_day.columns import contract_of, events_of


def test_what_was_written_is_read_back() -> None:
    generator = np.random.default_rng(3)
    for each in [loan(generator, 100) for _ in range(60)]:
        [row] = landed([each])
        contract = contract_of(row.texts, "loan")
        assert contract == each.contract
        events = events_of(row.events, "CNY", "loan")
        assert [type(event) for event in events] == [type(event) for event in each.events]
        assert [event.value_date for event in events] == [event.value_date for event in each.events]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({}, "error: loan 7, currency: '' is no currency. See docs/guides/end-of-day.md."),
        ({"currency": "CNY", "principal": "12,5"},
         "error: loan 7, principal: '12,5' is no decimal number. See docs/guides/end-of-day.md."),
        ({"currency": "JPY", "principal": "12.5"},
         "error: loan 7, principal: '12.5' has more than 0 decimals. "
         "See docs/guides/end-of-day.md."),
        ({"currency": "CNY"},
         "error: loan 7, start: It is not stated. See docs/guides/end-of-day.md."),
        ({"currency": "CNY", "day_count": "30/365"},
         "error: loan 7, day_count: The value '30/365' is not known; write one of "
         "30/360, equal periods, actual/360, actual/364, actual/365, actual/actual. "
         "See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_a_loan_that_states_nonsense_is_refused(texts: dict[str, str], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        contract_of(texts, "loan 7")
    assert message in str(refusal.value).splitlines()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"event": "gift", "value_date": "2026-01-01"},
         "error: loan 7, event 1: The value 'gift' is not known; write one of "
         "disbursement, repayment, payoff, refund, credit balance refund, chargeback, instalment "
         "payment, charge, percent charge, instalment charge, disbursement charge, rate change, "
         "reschedule, re-age, re-amortisation, interest pause, delinquency pause, charge-off, "
         "write-off, reversal. See docs/guides/end-of-day.md."),
        ({"event": "repayment", "value_date": "2026-01-01"},
         "error: loan 7, event 1: 'repayment' needs `amount`. See docs/guides/end-of-day.md."),
        ({"event": "payoff", "value_date": "2026-01-01", "amount": "5"},
         "error: loan 7, event 1: 'payoff' has no `amount`. See docs/guides/end-of-day.md."),
        ({"event": "reversal", "value_date": "2026-01-01", "reverses": "p1"},
         "error: loan 7, event 1: No event has the reference 'p1'. "
         "See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_an_event_that_states_nonsense_is_refused(row: dict[str, str], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        events_of([row], "CNY", "loan 7")
    assert message in str(refusal.value).splitlines()
