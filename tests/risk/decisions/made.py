"""An engine of a fitted card, a policy and a lender's terms, and applications, sound or not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.decisions.application import Application
from tradeline.risk.decisions.engine import Engine, Rules, make_engine
from tradeline.risk.decisions.parts import Parts, parts_of_glass_box, parts_of_trees
from tradeline.risk.decisions.versions import hash_of
from tradeline.risk.modelling.artifact import read_model, write_model
from tradeline.risk.modelling.model import ModelKind
from tradeline.risk.policy.cells import Interval
from tradeline.risk.policy.reading import read_policy_file
from tradeline.risk.pricing.lender_file import read_lender_terms
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.boosted import Boosted
from tradeline.risk.scoring.card import Card, Factor
from tradeline.risk.scoring.crosses import Cross, Side
from tradeline.risk.scoring.curve_card import card_of_curves
from tradeline.risk.scoring.glass_box import Axis, GlassBoxModel, Term, write_glass_box
from tradeline.risk.scoring.scorecard import Scorecard

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
REGIONS = ("north", "south", "coast")
NUMBERS = ("sales_growth_12m", "buyer_hhi_12m", "margin_12m", "days_since_last_sale")
COLUMNS = (*NUMBERS, "region")
LEVELS = (None, None, None, None, REGIONS)
SECTORS = ("logistics", "services", "manufacturing", "construction", "property")
STRANGE: tuple[Any, ...] = (
    None, float("nan"), float("inf"), -float("inf"), "", "many", "0.5", True, [1.0], {"a": 1},
    Decimal("0.3"), np.float64(0.2), np.int64(4), 10**40, date(2026, 1, 1), b"1", 1j, -5, "NaN",
)  # fmt: skip


def learned_from() -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Four figures of trade and a region of made-up firms, and who defaulted."""
    generator = np.random.default_rng(11)
    X = np.column_stack([
        generator.normal(0, 0.4, 4000),
        generator.random(4000),
        generator.normal(0.15, 0.1, 4000),
        generator.integers(0, 120, 4000),
        generator.integers(0, 3, 4000),
    ]).astype(float)  # fmt: skip
    X[generator.random(4000) < 0.1, 2] = np.nan
    risk = -2.6 - 1.5 * X[:, 0] + 1.5 * X[:, 1] - 3 * np.nan_to_num(X[:, 2]) + 0.01 * X[:, 3]
    risk += np.array([0, 0.8, -0.5])[X[:, 4].astype(int)]
    return X, generator.random(4000) < 1 / (1 + np.exp(-risk))


@cache
def card() -> Card:
    """A card learned from them."""
    X, bad = learned_from()
    fitted = Scorecard(
        names=COLUMNS, directions=(-1, 1, -1, 1, 0), levels=LEVELS, base_rate=0.04
    ).fit(X, bad)
    return fitted.card_


@cache
def card_with_pairs() -> Card:
    """The same card, one figure of which now counts only together with others."""
    whole, generator = card(), np.random.default_rng(14)
    days = Side("days_since_last_sale", (10.0, 45.0, 80.0))
    growth, region = Side("sales_growth_12m", (-0.2, 0.1)), _side_of(whole, "region")
    margin = Side("margin_12m", (0.05, 0.2))
    pairs = [_pair(generator, *sides) for sides in ((days, growth), (region, margin))]
    singles = [factor for factor in whole.factors if factor.name != "days_since_last_sale"]
    return replace(whole, constant=whole.constant - 40, factors=(*singles, *pairs))


def _side_of(card: Card, name: str) -> Side:
    binning = next(factor.binning for factor in card.factors if factor.name == name)
    return Side(name, binning.edges, binning.levels, binning.groups)


def _pair(generator: np.random.Generator, first: Side, second: Side) -> Factor:
    """A factor of two features whose cells are of five bins by chance, the last the riskiest."""
    cells = generator.integers(0, 5, (first.missing + 1, second.missing + 1))
    cross, nothing = Cross((first, second), tuple(map(tuple, cells.tolist()))), (0.0,) * 5
    binning = Binning((), (0,) * 5, nothing, nothing, nothing, 1, 0.0, cross=cross)
    return Factor(cross.name, binning, 1.0, (40, 31, 18, 9, 0))


def curves_of(generator: np.random.Generator) -> tuple[Term, ...]:
    """Fine curves that bend, and a level for each region."""
    terms = []
    for place, (low, high) in enumerate(((-1, 1), (0, 1), (0, 0.4), (0, 120))):
        cuts = tuple(np.linspace(low, high, 40 - 8 * place).tolist())
        scores = np.cumsum(generator.normal(0, 0.2, len(cuts) + 3))
        terms.append(Term((place,), (Axis(cuts=cuts),), scores))
    return (*terms, Term((4,), (Axis(seen=(0, 1, 2)),), np.array([0.0, 0.1, 0.7, -0.4, 0.0])))


@cache
def curves() -> Card:
    """The card of a made-up glass box of single columns."""
    model = GlassBoxModel(COLUMNS, -3.2, curves_of(np.random.default_rng(12)))
    never_missing = [name for name in COLUMNS if name != "margin_12m"]
    return card_of_curves(model, LEVELS, never_missing, 0.04, 0.04)


PAIR = Term((0, 1), (Axis(cuts=(0.0,)), Axis(cuts=(0.5,))), np.full((4, 4), 0.25))


def glass_box(*pair: Term) -> str:
    """The text of a glass box of single columns, and of pairs."""
    curves = curves_of(np.random.default_rng(1))
    return write_glass_box(GlassBoxModel(COLUMNS, -3.0, (*curves, *pair)))


def with_challenger(engine: Path, kind: ModelKind, challenger: str) -> Path:
    """The file of the example's engine, whose model is now a challenger on the same inputs."""
    trained = read_model(ROOT / "examples" / "decide" / "model.json")
    model = replace(trained, kind=kind, card=None, challenger=challenger)
    write_model(model, engine.parent / "challenger.json")
    text = engine.read_text(encoding="utf-8").replace("model.json", "challenger.json")
    changed = engine.with_name(f"{kind}.yaml")
    changed.write_text(text, encoding="utf-8")
    return changed


def constant_hazard(pds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Cumulative PDs by month 1 to 24 of PDs within twelve months."""
    months = np.arange(1, 25)
    return 1 - (1 - pds[:, None]) ** (months / 12)


@cache
def engine() -> Engine:
    """The card under the example policy and the terms of a made-up bank."""
    return engine_by(card())


@cache
def engine_with_pairs() -> Engine:
    """The same by a card with factors of two figures."""
    return engine_by(card_with_pairs())


@cache
def engine_of_curves() -> Engine:
    """The same by the card of a glass box."""
    return engine_by(curves())


@cache
def engine_of_pairs() -> Engine:
    """The same by a glass box that looks at a pair of figures too: no card, so a shadow."""
    generator = np.random.default_rng(13)
    axes = (Axis(cuts=(0.0, 0.3)), Axis(cuts=(0.1, 0.5)))
    pair = Term((0, 1), axes, generator.normal(0, 0.4, (5, 5)))
    model = GlassBoxModel(COLUMNS, -3.2, (*curves_of(generator), pair))
    return engine_by(parts_of_glass_box(model, LEVELS))


@cache
def engine_of_trees() -> Engine:
    """The same by boosted trees: no card, so a shadow."""
    X, bad = learned_from()
    return engine_by(parts_of_trees(Boosted(names=COLUMNS, levels=LEVELS).fit(X, bad).model_))


def engine_by(model: Card | Parts) -> Engine:
    """A model under the example policy and the terms of a made-up bank."""
    files = {"engine.yaml": "name: made up\n"}
    return make_engine(
        "made up",
        hash_of(files),
        model,
        date(2027, 1, 1),
        Rules(
            max_age_days=92,
            may_be_missing=frozenset({"margin_12m"}),
            ranges={"buyer_hhi_12m": Interval(0.0, 1.0)},
            changeable={"sales_growth_12m": 12, "buyer_hhi_12m": 12, "days_since_last_sale": 1},
            forbidden=frozenset({"gender"}),
        ),
        read_policy_file(ROOT / "examples" / "policy" / "small_business.yaml"),
        read_lender_terms(ROOT / "examples" / "lenders" / "harbour_bank.yaml", date(2026, 6, 30)),
        constant_hazard,
        files,
    )


def sound(generator: np.random.Generator, number: int) -> Application:
    """An application in which everything is known and fresh."""
    values: dict[str, object] = {
        "sales_growth_12m": float(generator.normal(0.1, 0.4)),
        "buyer_hhi_12m": float(generator.random()),
        "margin_12m": float(generator.normal(0.2, 0.1)),
        "days_since_last_sale": float(generator.integers(0, 60)),
        "region": str(generator.choice(REGIONS)),
        "cash_flow_minor": int(generator.integers(-1_000_000, 9_000_000)),
        "debt_service_minor": int(generator.integers(0, 500_000)),
        "debt_service_share": float(generator.random() * 0.45),
        "exposure_minor": int(generator.choice([0, 0, 0, 40_000_000])),
        "sector_exposure_minor": 0,
        "sector": str(generator.choice(SECTORS)),
        "currency": "CNY",
        "overdue_days_elsewhere": int(generator.choice([0, 0, 0, 10, 45])),
        "months_in_business": int(generator.integers(2, 80)),
        "lending_suspended": False,
    }
    if generator.random() < 0.5:
        values["requested_minor"] = int(generator.integers(10_000_00, 2_000_000_00))
    ages: dict[str, object] = dict.fromkeys(values, 0)
    return Application(
        f"app_{number:06d}", f"ent_{number % 97:04d}", AT + timedelta(days=30), values, ages
    )


def malformed(generator: np.random.Generator, number: int) -> tuple[Application, str]:
    """A sound application in which one thing that must be known is spoilt, and what that is."""
    one = sound(generator, number)
    values, ages = dict(one.values), dict(one.ages_days)
    needed = [name for name in values if name not in ("margin_12m", "requested_minor")]
    name = str(generator.choice(needed))
    how = int(generator.integers(0, 4))
    if how == 0:
        del values[name]
    elif how == 1 and name in (*NUMBERS, "region", "cash_flow_minor", "debt_service_share"):
        ages[name] = float(generator.integers(93, 4000))
    elif how == 2 and name in (*NUMBERS, "region"):
        ages[name] = STRANGE[int(generator.integers(0, 12))]
    else:
        values[name] = strange_for(name, generator)
    return Application(one.application, one.enterprise, one.consent_until, values, ages), name


def strange_for(name: str, generator: np.random.Generator) -> object:
    """A value that is none of what the name stands for."""
    while True:
        value = STRANGE[int(generator.integers(0, len(STRANGE)))]
        is_number = type(value) is int and value == -5
        if name == "lending_suspended" and value is True:
            continue  # it says something, and declines
        if not is_number or name in ("buyer_hhi_12m", "region", "sector", "currency",
                                     "debt_service_minor", "exposure_minor", "lending_suspended",
                                     "sector_exposure_minor", "months_in_business",
                                     "overdue_days_elsewhere", "debt_service_share"):  # fmt: skip
            return value
