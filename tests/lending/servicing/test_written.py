"""What is saved of a contract or an event is read again as it was; what is altered is refused."""

import json
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lending.lines.made_lines import BY_BALANCE, BY_DRAW
from tests.lending.servicing.lives import LIVES, Life
from tests.lending.servicing.loans import CONTRACT, START, paid_out
from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar
from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.lines.events import DrawEvent
from tradeline.lending.loan.contract import (
    ChargeKind,
    Contract,
    Grace,
    OverduePenalty,
    Recalculation,
    Rest,
    Step,
    Timing,
    Waterfall,
)
from tradeline.lending.loan.events import Charge
from tradeline.lending.loan.rounding import Rounding
from tradeline.lending.participation.agreement import Agreement
from tradeline.lending.servicing.declared import kind_of
from tradeline.lending.servicing.of_lines import LINES
from tradeline.lending.servicing.of_loans import LOANS
from tradeline.lending.servicing.written import event_kind, read_event, read_record, record_values

for kind in (Contract, Grace, Recalculation, Waterfall, Step, OverduePenalty, Rounding, Calendar):
    st.register_type_strategy(kind, st.builds(kind))
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
st.register_type_strategy(Fraction, st.fractions(0, 2, max_denominator=10_000))


@given(st.from_type(Contract))
def test_a_contract_is_read_as_it_was(contract: Contract) -> None:
    assert read_record(Contract, json.loads(json.dumps(record_values(contract)))) == contract


@given(st.sampled_from(LOANS.events).flatmap(st.builds))
def test_an_event_is_read_as_it_was(event: Any) -> None:
    values = json.loads(json.dumps(record_values(event)))
    assert read_event(LOANS.events, event_kind(event), values) == event


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_what_is_saved_of_every_kind_is_read_as_it_was(life: Life) -> None:
    kind = kind_of(life.contract)
    values = json.loads(json.dumps(record_values(life.contract)))
    assert read_record(kind.contract, values) == life.contract
    for event in life.events:
        values = json.loads(json.dumps(record_values(event)))
        assert read_event(kind.events, event_kind(event), values) == event


def test_lines_of_either_repayment_and_events_of_their_draws_are_read_as_they_were() -> None:
    for agreement in (BY_DRAW, BY_BALANCE):
        values = json.loads(json.dumps(record_values(agreement)))
        assert read_record(LineAgreement, values) == agreement
    fee = Charge(value_date=START, entered_on=START, kind=ChargeKind.FEE, amount_minor=5)
    event = DrawEvent(value_date=START, entered_on=START, draw="A", event=fee)
    values = json.loads(json.dumps(record_values(event)))
    assert values["event"][0] == "Charge"
    assert read_event(LINES.events, "DrawEvent", values) == event
    values["event"][0] = "Disbursement"
    with pytest.raises(InputProblem, match="'Disbursement' is no kind of event"):
        read_event(LINES.events, "DrawEvent", values)


def test_what_is_none_of_several_is_refused() -> None:
    line = record_values(BY_BALANCE)
    with pytest.raises(InputProblem, match="is none of what may stand here"):
        read_record(LineAgreement, line | {"repayment": {"share": "1/2"}})
    shares = {"shares": [["bank", "1/1"]], "servicing": None}
    first_loss = {"guarantor": "bank", "limit_minor": 5, "recoveries": "nobody first"}
    with pytest.raises(InputProblem, match="'nobody first' is none of lenders first, guarantor"):
        read_record(Agreement, shares | {"first_loss": first_loss})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"annual_rate": 0.12}, "This is no Contract: 0.12 is no fraction."),
        ({"annual_rate": "1/0"}, "This is no Contract: Fraction(1, 0)."),
        ({"principal_minor": "5"}, "This is no Contract: '5' is no int."),
        ({"principal_minor": True}, "This is no Contract: True is no int."),
        ({"start": "soon"}, "This is no Contract: Invalid isoformat string: 'soon'."),
        ({"family": "odd"}, "This is no Contract: 'odd' is not a valid Family."),
        ({"colour": "red"}, "This is no Contract: 'colour'."),
        ({"grace": {"days": 1}}, "This is no Contract: 'days'."),
        ({"grace": "none"}, "This is no Contract: 'none' is no Grace."),
    ],
)
def test_what_is_no_contract_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputProblem) as refused:
        read_record(Contract, record_values(CONTRACT) | change)
    assert str(refused.value) == f"error: agreement: {message} Bring the book back from a backup."


def test_what_is_no_event_is_refused() -> None:
    for kind, values in (("Gift", record_values(paid_out())), ("Disbursement", {})):
        with pytest.raises(InputProblem):
            read_event(LOANS.events, kind, values)


def test_words_and_parts_are_kept_readable() -> None:
    values = record_values(CONTRACT)
    assert values["annual_rate"] == "3/25"
    assert values["start"] == "2026-01-01"
    assert values["recalculation"]["rest"] == Rest.DAY
    assert values["waterfall"]["steps"][0]["timings"] == sorted(Timing)
