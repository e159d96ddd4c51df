"""Schedules agree with those written a second time, to the cent.

`make soak` does the same for 100,000 loans.
"""

import numpy as np

from tests.lending.loan import oracle
from tests.lending.loan.made_loans import drawn_contract
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.fold import preview

LOANS = 1_200


def engine(contract: Contract) -> list[oracle.Line]:
    rows = preview(contract).instalments
    return [(row.due, row.owed.principal, row.owed.interest) for row in rows]


def test_the_engine_and_the_oracle_agree_to_the_cent() -> None:
    generator = np.random.default_rng(2026)
    for _ in range(LOANS):
        contract = drawn_contract(generator)
        found, expected = engine(contract), oracle.schedule(contract)
        assert found == expected[: len(found)], contract
        assert all(line[1:] == (0, 0) for line in expected[len(found) :]), contract
