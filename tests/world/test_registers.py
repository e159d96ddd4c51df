"""The drawn registers are as hard as they say, and the same for the same seed."""

from collections import Counter

import numpy as np
import pytest
from stdnum.cn import uscc

from tradeline.world.registers import Registers, draw_registers


@pytest.fixture(scope="module")
def registers() -> Registers:
    return draw_registers(20_000, seed=3)


def share(registers: Registers, column: str) -> float:
    return registers.columns[column].count(None) / len(registers.firm)


def test_equal_seeds_draw_equal_registers(registers: Registers) -> None:
    again = draw_registers(20_000, seed=3)
    assert again.columns == registers.columns
    assert (again.firm == registers.firm).all()
    assert draw_registers(20_000, seed=4).columns != registers.columns


def test_no_firm_stands_twice_in_a_source(registers: Registers) -> None:
    told = Counter(zip(registers.columns["source"], registers.firm.tolist(), strict=True))
    assert set(told.values()) == {1}
    assert len(registers.firm) == pytest.approx(20_000, rel=0.02)


def test_sisters_share_owner_and_brand_and_namesakes_the_brand_alone(registers: Registers) -> None:
    owners: dict[int, set[int]] = {}
    for brand, owner in zip(registers.brand.tolist(), registers.owner.tolist(), strict=True):
        owners.setdefault(owner, set()).add(brand)
    assert {len(brands) for brands in owners.values()} == {1}
    assert len({*registers.brand.tolist()}) < 0.95 * len(owners)


def test_sisters_missing_and_wrong_values_have_their_shares(registers: Registers) -> None:
    _, first = np.unique(registers.firm, return_index=True)
    assert (registers.firm[first] != registers.owner[first]).mean() == pytest.approx(0.15, abs=0.01)
    assert share(registers, "registration") == pytest.approx(0.55, abs=0.02)
    assert share(registers, "person") == pytest.approx(0.05, abs=0.01)
    numbers = [number for number in registers.columns["registration"] if number]
    wrong = np.mean([not uscc.is_valid(number) for number in numbers])
    assert wrong == pytest.approx(0.005, abs=0.003)
