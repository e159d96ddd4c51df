"""A firm is priced by the LGD of its segment, and the record says by which."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest

from tests.risk.decisions.made import AT, ROOT, card, constant_hazard, engine, sound
from tests.risk.decisions.test_exploring import exploring
from tradeline.cli.main import main
from tradeline.lake.columns import differing, objects, read_columns
from tradeline.risk.decisions.application import Application, as_columns
from tradeline.risk.decisions.batch import decide_batch
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.engine import Engine, make_engine
from tradeline.risk.decisions.exploring import at_stake_minor
from tradeline.risk.decisions.log import append, read_log
from tradeline.risk.decisions.planning import plan_offers
from tradeline.risk.decisions.record import decision_columns
from tradeline.risk.decisions.replay import Replayed, replay
from tradeline.risk.decisions.seen import seen_columns
from tradeline.risk.losses.artifact import read_model
from tradeline.risk.losses.lgd import LgdModel
from tradeline.risk.pricing.portfolio_limits import PortfolioLimits

LGD = {"all": 0.45, "secured": 0.1, "unsecured": 0.9}
STATED = ("secured", "unsecured", "leased", "", None, 7)
PRICED_BY = ("secured", "unsecured", "all", "unsecured", "unsecured", "unsecured")
Capture = pytest.CaptureFixture[str]


@cache
def by_segment(made: Callable[[], Engine] = engine) -> Engine:
    """An engine whose lender tells secured and unsecured loans apart."""
    base = made()
    terms = replace(base.terms, lgd_by="security", lgd_of=LGD)
    return make_engine("by segment", f"sha256:{made.__name__}", card(), None, base.rules,
                       base.policy, terms, constant_hazard, base.files)  # fmt: skip


@cache
def with_one(lgd: float) -> Engine:
    """The same with one LGD for all."""
    base = engine()
    return make_engine("one", f"sha256:{lgd}", card(), None, base.rules, base.policy,
                       replace(base.terms, lgd=lgd), constant_hazard, base.files)  # fmt: skip


def asked(count: int) -> list[Application]:
    generator = np.random.default_rng(14)
    made = [sound(generator, number) for number in range(count)]
    return [
        replace(one, values={**one.values, "security": STATED[place % len(STATED)]})
        for place, one in enumerate(made)
    ]


def test_each_is_decided_as_by_a_lender_with_the_lgd_of_its_segment_alone() -> None:
    applications = asked(240)
    records, _ = decide_batch(as_columns(applications), by_segment(), AT)
    assert records["lgd_segment"].tolist() == list(PRICED_BY) * 40
    made = records["amount_minor"] > 0
    for segment, lgd in LGD.items():
        alone, _ = decide_batch(as_columns(applications), with_one(lgd), AT)
        inside = records["lgd_segment"] == segment
        assert (made & inside).sum() > 5
        for name in ("outcome", "amount_minor", "rate_annual", "profit_minor", "loss_minor"):
            assert records[name][inside].tolist() == alone[name][inside].tolist()


@pytest.mark.parametrize("made", [engine, exploring])
def test_one_by_one_in_a_batch_and_replayed_alike(
    tmp_path: Path, made: Callable[[], Engine]
) -> None:
    by, applications = by_segment(made), asked(300)
    columns = as_columns(applications)
    records, _ = decide_batch(columns, by, AT)
    kept = records["propensity"] == 1
    alone = [
        decide(one, by, AT) for one, is_kept in zip(applications, kept, strict=True) if is_kept
    ]
    logged = {name: column[kept] for name, column in records.items()}
    assert not differing(decision_columns(alone, by), logged)
    entry = append(tmp_path / "log", records | seen_columns(columns), by.hash, by.files, AT)
    assert replay(tmp_path / "log", entry, by) == Replayed(300, ())


def test_what_exploring_may_lose_is_that_of_the_segment() -> None:
    assert at_stake_minor(1000, by_segment(), "unsecured") == 900
    assert at_stake_minor(1000, engine()) == 450


def test_a_plan_prices_by_segments_too() -> None:
    wide = PortfolioLimits(10**12, 10**12, 10**12)
    planned = plan_offers(as_columns(asked(120)), by_segment(), AT, (), wide).columns
    records, _ = decide_batch(as_columns(asked(120)), by_segment(), AT)
    by_name = dict(zip(records["application"], records["lgd_segment"], strict=True))
    assert [by_name[name] for name in planned["application"]] == planned["lgd_segment"].tolist()
    assert set(planned["lgd_segment"]) == set(LGD)


def test_the_file_of_estimates_decides_and_the_record_is_shown(
    tmp_path: Path, capsys: Capture
) -> None:
    for part in ("decide", "policy", "lenders"):
        copytree(ROOT / "examples" / part, tmp_path / part)
    lender = tmp_path / "lenders" / "harbour_bank_measured.yaml"
    text = lender.read_text(encoding="utf-8")
    by = text.replace("segment: all", "segment_by: security, least_defaults: 30")
    assert by != text
    lender.write_text(by, encoding="utf-8")
    asked_for = tmp_path / "asked.csv"
    header, *rows = (
        (tmp_path / "decide" / "applications.csv").read_text(encoding="utf-8").splitlines()
    )
    told = [f"{row},{('secured', 'unsecured')[place % 2]}" for place, row in enumerate(rows)]
    asked_for.write_text("\n".join([f"{header},security", *told]) + "\n", encoding="utf-8")
    log, file = tmp_path / "log", str(tmp_path / "decide" / "measured.yaml")
    words = ["--applications", str(asked_for), "--at", "2026-06-30T12:00"]
    assert main(["decide", file, *words, "--log", str(log)]) == 0
    columns = read_columns(log / read_log(log)[0].file)
    assert columns["lgd_segment"].tolist() == ["all", "unsecured"] * 20
    assert columns["value.security"].tolist() == objects(["secured", "unsecured"] * 20).tolist()
    assert main(["decisions", "show", str(log), "app_002"]) == 0
    estimate = read_model(LgdModel, (ROOT / "examples/lenders/lgd.json").read_text("utf-8"))
    lgd = estimate.downturn_lgd("unsecured")
    assert f"Priced by the loss given default of unsecured: {lgd:.1%}." in capsys.readouterr().out
    assert main(["decisions", "replay", str(log)]) == 0
    assert "40 equal to the bit, 0 otherwise" in capsys.readouterr().out
    out = tmp_path / "compared.csv"
    assert main(["offers", "compare", file, *words, "--out", str(out)]) == 0
    assert ",unsecured," in out.read_text(encoding="utf-8").splitlines()[2]
