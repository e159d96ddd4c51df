"""Value-added-tax invoices: sales, purchases, voids, reversals, and invented trade."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradeline.world.activity import Events, draw_events, fabricated_rate, health_at
from tradeline.world.columns import (
    HOUR_S,
    Columns,
    by_month,
    in_order,
    keep,
    known_by,
    lag_s,
    numbered,
    stack,
    whole,
)
from tradeline.world.network import PLATFORM, Network, active_ties, pick
from tradeline.world.population import Population
from tradeline.world.settings import DAY_S, Calendar, Flags, Floats, Ints

VALID, VOID = 0, 1
VALUE_SPREAD = 0.8
PURCHASES_PER_SALE = 0.6
HEALTH_ON_MARGIN = 0.06
COST_LEAST = 0.1
STOCK_MONTHS = 6
STOCK_SPREAD = 0.18
ROUND_MINOR = 1_000_000
FABRICATED_TIES = 2
FABRICATED_VALUE = 2.0
FABRICATED_REVERSED = 0.25


@dataclass(frozen=True, slots=True)
class Sales:
    """The sales invoices known by the as-of date, and those of them behind which trade took place.

    `traded` has neither void nor invented invoices, nor those that take others back.
    """

    invoices: Columns
    traded: Columns


def draw_sales(
    firms: Population,
    health: Floats,
    rate: Floats,
    fabricates: Flags,
    buyers: Network,
    payments: Columns,
    refunds: Columns,
    months: Calendar,
    rng: np.random.Generator,
) -> Sales:
    """Sales off the platform one by one, those on it month by month, and invented ones.

    `rate` (firms, months) counts all sales.
    """
    true_rate = rate * (1 - firms.platform_part[:, None])
    events = draw_events(true_rate, months, rng)
    state = health_at(events, health)
    value = firms.ticket_minor[events.firm] * np.exp(rng.normal(0.1 * state, VALUE_SPREAD))
    active = active_ties(buyers, events.firm, state)
    honest = _invoices(events, value, firms.tax_rate, pick(buyers, events.firm, active, rng), rng)
    honest = _with_voids(honest, state, rng)
    taken_back = _reversals(honest, expit(-4.2 - 0.5 * state), 10 * DAY_S, rng)
    invented = _fabricated(firms, fabricated_rate(rate, fabricates), buyers, months, rng)
    monthly = _platform_sales(firms, payments, refunds, months, rng)
    traded = stack(keep(honest, honest["status"] == VALID), monthly)
    return Sales(
        _finished(stack(honest, monthly, taken_back, invented), months),
        known_by(traded, months.as_of_s),
    )


def draw_purchases(
    firms: Population,
    health: Floats,
    rate: Floats,
    traded: Columns,
    suppliers: Network,
    months: Calendar,
    rng: np.random.Generator,
) -> Columns:
    """The purchase invoices known by the as-of date, for what the sales `traded` need."""
    events = draw_events(PURCHASES_PER_SALE * rate, months, rng)
    state = health_at(events, health)
    needed = _stock_needed(firms, health, traded, months)
    value = _shared_out(
        needed * np.exp(rng.normal(0, STOCK_SPREAD, needed.shape)), events, months, rng
    )
    active = active_ties(suppliers, events.firm, state)
    party = pick(suppliers, events.firm, active, rng)
    bought = _invoices(events, value, firms.tax_rate, party, rng)
    bought = _with_voids(bought, np.ones(len(events)), rng)
    taken_back = _reversals(bought, np.full(len(events), 0.008), 10 * DAY_S, rng)
    return _finished(stack(bought, taken_back), months)


def _stock_needed(firms: Population, health: Floats, traded: Columns, months: Calendar) -> Floats:
    """What the sales of each half-year cost (firms, half-years), the last one ending as of today.

    The margin is that of the firm, thinner for the ill; at least one sale is stocked for.
    """
    cost = np.maximum(1 - firms.margin[:, None] - HEALTH_ON_MARGIN * health, COST_LEAST)
    monthly = cost * by_month(traded, "net", len(firms), months)
    starts = np.flatnonzero(np.diff(_half_years(months), prepend=-1))
    return np.maximum(np.add.reduceat(monthly, starts, axis=1), firms.ticket_minor[:, None])


def _half_years(months: Calendar) -> Ints:
    """The half-year in which each month lies, counted back from the last month."""
    back = np.arange(months.months)[::-1] // STOCK_MONTHS
    return np.asarray(back.max() - back)


def _shared_out(
    needed: Floats, events: Events, months: Calendar, rng: np.random.Generator
) -> Floats:
    """Values of purchases (events) that add up to what is needed in each half-year."""
    cell = events.firm * needed.shape[1] + _half_years(months)[events.month]
    weight = np.exp(rng.normal(0, VALUE_SPREAD, len(events)))
    total = np.bincount(cell, weight, needed.size)
    return np.asarray(weight * needed.ravel()[cell] / total[cell])


def _platform_sales(
    firms: Population, payments: Columns, refunds: Columns, months: Calendar,
    rng: np.random.Generator,
) -> Columns:  # fmt: skip
    """One invoice to the platform, the day after each month, for what it took less refunds."""
    taken = by_month(payments, "amount", len(firms), months)
    gross = np.maximum(taken - by_month(refunds, "amount", len(firms), months), 0)
    firm, month = np.nonzero(gross)
    net = whole(gross[firm, month] / (1 + firms.tax_rate[firm]))
    return {
        "enterprise": firm,
        "counterparty": np.full(len(firm), PLATFORM),
        "net": net,
        "tax": gross[firm, month] - net,
        "gross": gross[firm, month],
        "status": np.full(len(firm), VALID),
    } | _clocks(months.edges_s[month + 1] + 9 * HOUR_S, rng)


def _invoices(
    events: Events, value: Floats, tax_rate: Floats, party: Ints, rng: np.random.Generator
) -> Columns:
    net = np.maximum(100, whole(value))
    tax = whole(net * tax_rate[events.firm])
    return {
        "enterprise": events.firm,
        "counterparty": party,
        "net": net,
        "tax": tax,
        "gross": net + tax,
        "status": np.full(len(events), VALID),
        "occurred_at": events.at_s,
        "recorded_at": events.at_s + lag_s(rng, len(events), 20 * HOUR_S),
    }


def _with_voids(invoices: Columns, health: Floats, rng: np.random.Generator) -> Columns:
    """Some invoices are declared void, which is learned some days later."""
    void = rng.random(len(health)) < expit(-3.3 - 0.5 * health)
    later = invoices["recorded_at"] + lag_s(rng, len(health), 3 * DAY_S)
    return invoices | {
        "status": np.where(void, VOID, invoices["status"]),
        "recorded_at": np.where(void, later, invoices["recorded_at"]),
    }


def _reversals(
    invoices: Columns, chance: Floats, median_s: int, rng: np.random.Generator
) -> Columns:
    """Negative invoices that take back valid ones after about `median_s`."""
    taken = (rng.random(len(chance)) < chance) & (invoices["status"] == VALID)
    back = keep(invoices, taken)
    at = back["occurred_at"] + lag_s(rng, int(taken.sum()), median_s)
    money = {name: -back[name] for name in ("net", "tax", "gross")}
    return back | money | _clocks(at, rng)


def _clocks(at: Ints, rng: np.random.Generator) -> Columns:
    return {"occurred_at": at, "recorded_at": at + lag_s(rng, len(at), 20 * HOUR_S)}


def _fabricated(
    firms: Population,
    rate: Floats,
    buyers: Network,
    months: Calendar,
    rng: np.random.Generator,
) -> Columns:
    """Invented sales: round amounts, to few buyers, a part of them taken back the same day."""
    events = draw_events(rate, months, rng)
    party = pick(buyers, events.firm, np.full(len(events), FABRICATED_TIES), rng)
    value = FABRICATED_VALUE * firms.ticket_minor[events.firm]
    rounded = ROUND_MINOR * np.maximum(1, np.rint(value / ROUND_MINOR))
    invented = _invoices(events, rounded, firms.tax_rate, party, rng)
    reversed_ = rng.random(len(events)) < FABRICATED_REVERSED
    back = keep(invented, reversed_)
    at = back["occurred_at"] + rng.integers(60, 3 * HOUR_S, int(reversed_.sum()))
    money = {name: -back[name] for name in ("net", "tax", "gross")}
    return stack(invented, back | money | _clocks(at, rng))


def _finished(invoices: Columns, months: Calendar) -> Columns:
    return numbered(in_order(known_by(invoices, months.as_of_s)), "invoice_no")
