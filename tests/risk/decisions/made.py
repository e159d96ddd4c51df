"""An engine of a fitted card, a policy and a lender's terms, and applications, sound or not."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.risk.decisions.application import Application
from tradeline.risk.decisions.engine import Engine, Rules, make_engine
from tradeline.risk.policy.cells import Interval
from tradeline.risk.policy.reading import read_policy_file
from tradeline.risk.pricing.lender_file import read_lender_terms
from tradeline.risk.scoring.card import Card
from tradeline.risk.scoring.scorecard import Scorecard

ROOT = Path(__file__).parents[3]
AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
REGIONS = ("north", "south", "coast")
NUMBERS = ("sales_growth_12m", "buyer_hhi_12m", "margin_12m", "days_since_last_sale")
SECTORS = ("logistics", "services", "manufacturing", "construction", "property")
STRANGE: tuple[Any, ...] = (
    None, float("nan"), float("inf"), -float("inf"), "", "many", "0.5", True, [1.0], {"a": 1},
    Decimal("0.3"), np.float64(0.2), np.int64(4), 10**40, date(2026, 1, 1), b"1", 1j, -5, "NaN",
)  # fmt: skip


@cache
def card() -> Card:
    """A card on four figures of trade and a region, learned from made-up firms."""
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
    bad = generator.random(4000) < 1 / (1 + np.exp(-risk))
    fitted = Scorecard(
        names=(*NUMBERS, "region"),
        directions=(-1, 1, -1, 1, 0),
        levels=(None, None, None, None, REGIONS),
        base_rate=0.04,
    ).fit(X, bad)
    return fitted.card_


def constant_hazard(pds: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Cumulative PDs by month 1 to 24 of PDs within twelve months."""
    months = np.arange(1, 25)
    return 1 - (1 - pds[:, None]) ** (months / 12)


@cache
def engine() -> Engine:
    """The card under the example policy and the terms of a made-up bank."""
    return make_engine(
        "made up",
        "sha256:made-up",
        card(),
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
        {"engine.yaml": "name: made up\n"},
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
