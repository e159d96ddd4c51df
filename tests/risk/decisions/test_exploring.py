"""The exploration arm and the dealing of versions: by chance that is known, within its stop."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests.risk.decisions.made import AT, ROOT, card, constant_hazard, engine, sound
from tradeline.kernel.findings import InputProblem
from tradeline.risk.decisions.application import Applications, as_columns
from tradeline.risk.decisions.batch import Dealing, decide_batch
from tradeline.risk.decisions.dealing import deal
from tradeline.risk.decisions.engine import Engine, make_engine
from tradeline.risk.decisions.exploring import arm_of, at_stake_minor
from tradeline.risk.decisions.log import append
from tradeline.risk.decisions.measures import Measure
from tradeline.risk.decisions.replay import Replayed, replay
from tradeline.risk.decisions.seen import seen_columns
from tradeline.risk.policy.life import Life, State, Step
from tradeline.risk.policy.reading import read_policy
from tradeline.risk.policy.registry import version_of

POLICY = ROOT / "examples" / "policy" / "small_business.yaml"


@cache
def exploring(stop: str = "900_000_000_00") -> Engine:
    """The engine with a cut-off that many miss, and three in ten of those explored."""
    text = POLICY.read_text(encoding="utf-8")
    text = text.replace("560", "660").replace("[660, 580)", "[600, 660)")
    text = text.replace("share: 0.02", "share: 0.3").replace("200_000_00}", "200_000_00}", 1)
    text = text.replace("stop_loss_minor: 200_000_00", f"stop_loss_minor: {stop}")
    base = engine()
    return make_engine(
        "exploring", f"sha256:exploring-{stop}", card(), None, base.rules, read_policy(text),
        base.terms, constant_hazard, {"engine.yaml": "x"},
    )  # fmt: skip


@cache
def many() -> Applications:
    generator = np.random.default_rng(21)
    found = [replace(sound(generator, n), enterprise=f"ent_{n}") for n in range(3000)]
    return as_columns(found)


def test_the_share_explored_is_what_the_records_say() -> None:
    records, spent = decide_batch(many(), exploring(), AT)
    drawn = records["role"] == "exploration"
    asked = records["propensity"] < 1
    assert drawn.sum() > 20
    assert (records["outcome"][drawn] == "approve").all()
    assert drawn.sum() / asked.sum() == pytest.approx(0.3, abs=3 * (0.21 / asked.sum()) ** 0.5)
    assert set(np.round(records["propensity"][drawn], 6)) == {0.3}
    assert set(np.round(records["propensity"][asked & ~drawn], 6)) == {0.7}
    assert set(records["amount_minor"][drawn]) == {exploring().terms.amounts.least_minor}
    assert spent == drawn.sum() * at_stake_minor(exploring().terms.amounts.least_minor, exploring())


def test_only_the_score_may_have_stood_in_the_way() -> None:
    records, _ = decide_batch(many(), exploring(), AT)
    overdue = np.array([days > 30 for days in many().values["overdue_days_elsewhere"].tolist()])
    assert not (records["role"][overdue] == "exploration").any()
    arm = arm_of(exploring())
    assert arm is not None
    drawn = records["role"] == "exploration"
    assert records["score"][drawn].min() >= arm.terms.band[0]
    assert records["score"][drawn].max() <= arm.terms.band[1]


def test_the_stop_is_never_passed() -> None:
    small = exploring("100_000_00")
    records, spent = decide_batch(many(), small, AT)
    assert 0 < spent <= 100_000_00
    assert (records["role"] == "exploration").sum() > 0
    used, again = decide_batch(many(), small, AT, dealing=Dealing(spent_minor=100_000_00))
    assert again == 100_000_00
    assert not (used["role"] == "exploration").any()


def test_a_stop_of_the_supervisor_stops_exploring_too() -> None:
    records, spent = decide_batch(many(), exploring(), AT, [Measure("m", 0)])
    assert spent == 0
    assert set(records["outcome"]) == {"refuse"}


def test_explored_decisions_replay(tmp_path: Path) -> None:
    records, _ = decide_batch(many(), exploring(), AT, dealing=Dealing("challenger", 0.25, 7))
    entry = append(
        tmp_path / "log", records | seen_columns(many()), exploring().hash, exploring().files, AT,
        role="challenger", propensity=0.25, spent_minor=7,
    )  # fmt: skip
    assert replay(tmp_path / "log", entry, exploring()) == Replayed(3000, ())


def life(*steps: tuple[Engine, State, float]) -> Life:
    """A life of versions that took these steps, a day apart."""
    at = AT - timedelta(days=40)
    found = []
    for place, (one, to, share) in enumerate(steps):
        version = version_of(one.policy.declaration)
        found.append(
            Step(version, to, f"person {place % 2}", "because", at + timedelta(days=place),
                 share=share, experiment="e" if share else "")
        )  # fmt: skip
    return Life("small_business", tuple(found))


def test_without_a_version_in_force_nobody_is_decided_on() -> None:
    with pytest.raises(InputProblem, match="No version of the policy is live"):
        list(deal(many(), Life("small_business"), AT, lambda _: engine()))


def test_enterprises_are_dealt_by_share_and_shadows_see_all() -> None:
    stood = life(
        (engine(), State.LIVE, 0.0),
        (engine(), State.LIVE, 0.0),
        (exploring(), State.CHALLENGER, 0.25),
        (exploring("1"), State.SHADOW, 0.0),
    )
    engines = {version_of(e.policy.declaration).hash: e
               for e in (engine(), exploring(), exploring("1"))}  # fmt: skip
    parts = list(deal(many(), stood, AT, lambda version: engines[version.hash]))
    by_role = {part.dealing.role: part for part in parts}
    assert set(by_role) == {"champion", "challenger", "shadow"}
    challenged = len(by_role["challenger"].applications)
    assert challenged / 3000 == pytest.approx(0.25, abs=0.03)
    assert len(by_role["champion"].applications) + challenged == 3000
    assert len(by_role["shadow"].applications) == 3000
    assert by_role["challenger"].dealing == Dealing("challenger", 0.25)
    assert by_role["champion"].dealing == Dealing("champion", 0.75)
    records, spent = decide_batch(many(), exploring(), AT, dealing=by_role["shadow"].dealing)
    assert spent == 0
    assert set(records["role"]) == {"shadow"}
