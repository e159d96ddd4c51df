"""How busy each firm is in each month, and when in the month things happen."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradeline.world.population import Population
from tradeline.world.sectors import season
from tradeline.world.settings import DAY_S, MONTH_S, Calendar, Flags, Floats, Ints

HEALTH_ON_SALES = 0.25
HEALTH_ON_GROWTH_MONTHLY = 0.03
SHOCK_ON_SALES = 0.6
RATE_MAX = 400.0
FABRICATED_MONTHS = 6
FABRICATED_PART = 0.6


@dataclass(frozen=True, slots=True)
class Events:
    """Things that happen, by firm and then by time: whose, in which month, when."""

    firm: Ints
    month: Ints
    at_s: Ints

    def __len__(self) -> int:
        return len(self.firm)


def sales_rate(
    firms: Population, health: Floats, months: Calendar, rng: np.random.Generator
) -> Floats:
    """Sales to expect (firms, months): size, season, health, growth that health drives, gaps."""
    growth = np.cumsum(HEALTH_ON_GROWTH_MONTHLY * health, axis=1)
    growth -= growth.mean(axis=1, keepdims=True)
    noise = rng.normal(0, 0.2, health.shape)
    log_rate = (
        np.log(firms.monthly_sales)[:, None]
        + season(months.season_month)[firms.sector]
        + HEALTH_ON_SALES * health
        + growth
        + noise
    )
    rate = np.minimum(np.exp(log_rate), RATE_MAX)
    since_shock = np.arange(months.months) >= months.shock_month
    rate *= np.where(firms.shocked[:, None] & since_shock, SHOCK_ON_SALES, 1.0)
    return rate * _trades(firms, health, months, rng)


def _trades(firms: Population, health: Floats, months: Calendar, rng: np.random.Generator) -> Flags:
    """Whether a firm trades at all in a month: not before it begins, and with gaps when ill."""
    gap = rng.random(health.shape) < expit(-3.6 - 1.1 * health)
    begun = np.arange(months.months) >= firms.first_month[:, None]
    return np.asarray(begun & ~gap & ~firms.dataless[:, None])


def fabricated_rate(rate: Floats, fabricates: Flags) -> Floats:
    """Invented sales to expect (firms, months): in the last months, to look busier."""
    recent = np.arange(rate.shape[1]) >= rate.shape[1] - FABRICATED_MONTHS
    return np.asarray(FABRICATED_PART * np.maximum(rate, 1) * (fabricates[:, None] & recent))


def draw_events(rate: Floats, months: Calendar, rng: np.random.Generator) -> Events:
    """Poisson events of that rate (firms, months), in working hours (8 to 20 h UTC)."""
    count = rng.poisson(rate).ravel()
    cell = np.repeat(np.arange(count.size), count)
    firm, month = np.divmod(cell, months.months)
    at = months.edges_s[month] + rng.integers(0, MONTH_S, len(cell))
    at += 8 * 3600 - at % DAY_S + rng.integers(0, DAY_S // 2, len(cell))
    order = np.argsort((firm << 40) + at, kind="stable")
    return Events(firm[order], month[order], at[order])


def health_at(events: Events, health: Floats) -> Floats:
    """The health behind each event (events)."""
    return np.asarray(health[events.firm, events.month])
