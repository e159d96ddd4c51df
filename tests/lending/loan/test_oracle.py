"""Schedules agree with those written a second time, to the cent."""

from hypothesis import given, settings

from tests.lending.loan import oracle
from tests.lending.loan.made_loans import contracts
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.fold import preview


@settings(max_examples=500, deadline=None)
@given(contracts(recalculated=False))
def test_the_engine_and_the_oracle_agree_to_the_cent(contract: Contract) -> None:
    found = [(row.due, row.owed.principal, row.owed.interest)
             for row in preview(contract).instalments]  # fmt: skip
    expected = oracle.schedule(contract)
    assert found == expected[: len(found)]
    assert all(line[1:] == (0, 0) for line in expected[len(found) :])
