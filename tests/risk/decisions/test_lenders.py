"""Several lenders' offers stand as each decides, the cheapest first, one table for all firms."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.risk.decisions.made import AT, engine, engine_of_curves, engine_of_pairs, sound
from tradeline.kernel.findings import InputProblem
from tradeline.risk.decisions.application import Applications, as_columns
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.lenders import compare_lenders
from tradeline.risk.decisions.tables import read_applications


def applications(count: int = 150) -> Applications:
    generator = np.random.default_rng(5)
    return as_columns([sound(generator, number) for number in range(count)])


def lending_as(made: Engine, lender: str) -> Engine:
    return replace(made, terms=replace(made.terms, lender=lender))


def test_each_lender_offers_what_it_decides_and_the_cheapest_stands_first() -> None:
    asked = applications()
    north, south = lending_as(engine(), "north"), lending_as(engine_of_curves(), "south")
    found = compare_lenders([(south, asked), (north, asked)], AT)
    columns = found.columns
    assert columns["application"].tolist() == np.repeat(asked.application, 2).tolist()
    for lender, made in (("north", north), ("south", south)):
        records, own = decide_all(asked, made, AT), columns["lender"] == lender
        for name in ("outcome", "amount_minor", "rate_annual", "term_months", "reason_1"):
            assert columns[name][own].tolist() == records[name].tolist()
    pairs = columns["apr_annual"].reshape(-1, 2), columns["amount_minor"].reshape(-1, 2)
    for (apr, other_apr), (amount, other_amount) in zip(*pairs, strict=True):
        assert amount > 0 or not other_amount
        if other_amount:
            assert (apr, -amount) <= (other_apr, -other_amount)
    assert set(columns["rank"].tolist()) == {0, 1, 2}
    assert ((columns["rank"] > 0) == (columns["amount_minor"] > 0)).all()


def test_sums_are_those_of_the_table() -> None:
    asked = applications()
    north, south = lending_as(engine(), "north"), lending_as(engine_of_curves(), "south")
    found = compare_lenders([(north, asked), (south, asked)], AT)
    assert found.applications == 150
    assert found.with_offer == sum(one.cheapest for one in found.lenders)
    for one in found.lenders:
        own = found.columns["lender"] == one.lender
        assert one.offers == (found.columns["amount_minor"][own] > 0).sum() > 0
        assert one.amount_minor == found.columns["amount_minor"][own].sum()
        assert one.cheapest == (found.columns["rank"][own] == 1).sum()


def test_lenders_of_one_name_and_shadows_are_refused() -> None:
    asked = applications(2)
    with pytest.raises(InputProblem) as refusal:
        compare_lenders([(engine(), asked), (engine_of_curves(), asked)], AT)
    assert str(refusal.value) == (
        "error: made up: Two engines lend for 'harbour_bank'. Give each lender an engine of its "
        "own."
    )
    with pytest.raises(InputProblem) as refusal:
        compare_lenders([(engine_of_pairs(), asked)], AT)
    assert str(refusal.value) == (
        "error: made up: Its model is no card, so it binds nobody. Compare engines that decide by "
        "a scorecard or by curves."
    )


def test_what_a_lender_has_lent_itself_goes_before_what_all_say(tmp_path: Path) -> None:
    asked = tmp_path / "asked.csv"
    asked.write_text(
        "application,enterprise,consent_until,exposure_minor,exposure_minor.north\n"
        "app_1,ent_1,2026-12-31,0,50000000\n",
        encoding="utf-8",
    )
    seen = {lender: read_applications(asked, lending_as(engine(), lender))
            for lender in ("north", "south")}  # fmt: skip
    assert seen["north"].applications.values["exposure_minor"].tolist() == [50_000_000]
    assert seen["south"].applications.values["exposure_minor"].tolist() == [0]
    assert seen["north"].unread == ()
    assert seen["south"].unread == ("exposure_minor.north",)
