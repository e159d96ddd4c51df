"""Trade on a platform: orders and their lines, payments, refunds, deliveries, reviews."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradeline.world.activity import Events, draw_events, health_at
from tradeline.world.columns import (
    HOUR_S,
    Columns,
    in_order,
    keep,
    known_by,
    lag_s,
    numbered,
    stack,
    whole,
)
from tradeline.world.network import Network, active_ties, pick
from tradeline.world.population import Population
from tradeline.world.settings import DAY_S, Calendar, Flags, Floats, Ints

PLACED, SHIPPED, DELIVERED, CANCELLED = range(4)
ARRIVED, RETURNED, LOST = range(3)
METHODS = ("card", "transfer", "wallet", "on account")
CARD, TRANSFER, WALLET, ON_ACCOUNT = range(4)

ORDERS_PER_SALE = 2.0
CATALOGUE = 20
LINES_MAX = 6
PIECES_MEAN = 3.0
PROMISED_DAYS = 9


@dataclass(frozen=True, slots=True)
class Trade:
    """The tables of platform trade, all as known by the as-of date."""

    orders: Columns
    order_lines: Columns
    payments: Columns
    refunds: Columns
    deliveries: Columns
    reviews: Columns


@dataclass(frozen=True, slots=True)
class _Orders:
    """All orders, one entry each, whether they are fully known yet or not."""

    events: Events
    health: Floats
    party: Ints
    gross: Ints
    cancelled: Flags
    recorded_s: Ints

    @property
    def number(self) -> Ints:
        return np.arange(len(self.events))


def draw_trade(
    firms: Population,
    health: Floats,
    rate: Floats,
    buyers: Network,
    months: Calendar,
    rng: np.random.Generator,
) -> Trade:
    """Platform trade; `rate` (firms, months) counts all sales, of which a part is on a platform."""
    order_rate = ORDERS_PER_SALE * rate * firms.platform_part[:, None]
    events = draw_events(order_rate, months, rng)
    state = health_at(events, health)
    party = pick(buyers, events.firm, active_ties(buyers, events.firm, state), rng)
    recorded = events.at_s + lag_s(rng, len(events), 30)
    lines = _lines(firms, events, recorded, rng)
    gross = np.bincount(lines["order_no"], lines["gross"], len(events)).astype(np.int64)
    cancelled = rng.random(len(events)) < expit(-3.4 - 0.4 * state)
    orders = _Orders(events, state, party, gross, cancelled, recorded)
    payments = _payments(orders, rng)
    refunds = _refunds(orders, payments, months, rng)
    deliveries = _deliveries(orders, refunds, rng)
    known = known_by(deliveries, months.as_of_s)
    return Trade(
        orders=known_by(_order_rows(orders, known, months, rng), months.as_of_s),
        order_lines=known_by(lines, months.as_of_s),
        payments=_finished(payments, months, "payment_no"),
        refunds=_finished(refunds, months, "refund_no"),
        deliveries=_finished(deliveries, months, "delivery_no"),
        reviews=_finished(_reviews(orders, deliveries, rng), months, "review_no"),
    )


def _finished(columns: Columns, months: Calendar, number: str) -> Columns:
    return numbered(in_order(known_by(columns, months.as_of_s)), number)


def _lines(
    firms: Population, events: Events, recorded_s: Ints, rng: np.random.Generator
) -> Columns:
    """One to six lines per order; a firm's product keeps its price."""
    count = np.minimum(rng.geometric(0.55, len(events)), LINES_MAX)
    order = np.repeat(np.arange(len(events)), count)
    firm = events.firm[order]
    place = (CATALOGUE * rng.random(len(order)) ** 2).astype(np.int64)
    usual = firms.ticket_minor / (ORDERS_PER_SALE * PIECES_MEAN * 1.8)
    price = usual[:, None] * np.exp(rng.normal(0, 0.6, (len(firms), CATALOGUE)))
    quantity = rng.geometric(1 / PIECES_MEAN, len(order))
    starts = np.cumsum(count) - count
    return {
        "enterprise": firm,
        "order_no": order,
        "line_no": np.arange(len(order)) - starts[order] + 1,
        "product": firm * CATALOGUE + place,
        "quantity": quantity,
        "gross": quantity * np.maximum(1, whole(price))[firm, place],
        "occurred_at": events.at_s[order],
        "recorded_at": recorded_s[order],
    }


def _payments(orders: _Orders, rng: np.random.Generator) -> Columns:
    """Paid at once, or later on account and then later still by buyers of weak firms; 1 in 8 twice.

    The two parts of an order add up to its value.
    """
    paid = np.flatnonzero(~orders.cancelled)
    method = rng.choice(len(METHODS), len(paid), p=[0.4, 0.2, 0.2, 0.2])
    late = np.exp(-0.35 * orders.health[paid])
    wait = np.where(method == ON_ACCOUNT, 20 * DAY_S * late, 0.2 * HOUR_S)
    at = orders.events.at_s[paid] + whole(wait * np.exp(rng.normal(0, 0.5, len(paid)))) + 1
    split = (rng.random(len(paid)) < 0.125) & (orders.gross[paid] > 1)
    upfront = np.maximum(1, whole(orders.gross[paid] * rng.uniform(0.2, 0.6, len(paid))))
    first = np.where(split, upfront, orders.gross[paid])
    base = {"enterprise": orders.events.firm[paid], "order_no": paid, "method": method}
    once = base | {"amount": first} | _clocks(at, rng)
    rest = base | {"amount": orders.gross[paid] - first}
    rest |= _clocks(at + lag_s(rng, len(paid), 15 * DAY_S, 0.4), rng)
    return stack(once, keep(rest, rest["amount"] > 0))


def _clocks(at: Ints, rng: np.random.Generator, median_s: int = 2 * HOUR_S) -> Columns:
    return {"occurred_at": at, "recorded_at": at + lag_s(rng, len(at), median_s)}


def _refunds(
    orders: _Orders, payments: Columns, months: Calendar, rng: np.random.Generator
) -> Columns:
    """Paid back in full or in part, only after all of the order was paid and known to be."""
    count = len(orders.events)
    last_s = np.zeros(count, dtype=np.int64)
    np.maximum.at(last_s, payments["order_no"], payments["recorded_at"])
    asks = rng.random(count) < expit(-3.2 - 0.6 * orders.health)
    back = np.flatnonzero(asks & ~orders.cancelled & (last_s <= months.as_of_s))
    part = np.where(rng.random(len(back)) < 0.6, 1.0, rng.uniform(0.2, 0.8, len(back)))
    value = orders.gross[back]
    amount = np.clip(whole(np.asarray(value * part, dtype=np.float64)), 1, value)
    at = last_s[back] + lag_s(rng, len(back), 8 * DAY_S)
    base = {"enterprise": orders.events.firm[back], "order_no": back, "amount": amount}
    return base | _clocks(at, rng)


def _deliveries(orders: _Orders, refunds: Columns, rng: np.random.Generator) -> Columns:
    """Sent in some days, later by weak firms; some are lost, and refunded ones may come back."""
    sent = np.flatnonzero(~orders.cancelled)
    days = 5 * np.exp(-0.25 * orders.health[sent] + rng.normal(0, 0.4, len(sent)))
    at = orders.events.at_s[sent] + whole(DAY_S * (0.5 + days))
    promised = orders.events.at_s[sent] + PROMISED_DAYS * DAY_S
    status = np.where(rng.random(len(sent)) < 0.004, LOST, ARRIVED)
    base = {"enterprise": orders.events.firm[sent], "order_no": sent, "promised_at": promised}
    there = base | {"status": status} | _clocks(at, rng, 6 * HOUR_S)
    whole_back = refunds["amount"] == orders.gross[refunds["order_no"]]
    arrived_s = np.zeros(len(orders.events), dtype=np.int64)
    arrived_s[sent] = np.where(status == ARRIVED, at, 0)
    returned = whole_back & (arrived_s[refunds["order_no"]] > 0)
    back = refunds["order_no"][returned & (rng.random(len(whole_back)) < 0.6)]
    back_s = arrived_s[back] + lag_s(rng, len(back), 6 * DAY_S)
    again = {
        "enterprise": orders.events.firm[back],
        "order_no": back,
        "promised_at": orders.events.at_s[back] + PROMISED_DAYS * DAY_S,
        "status": np.full(len(back), RETURNED),
    }
    return stack(there, again | _clocks(back_s, rng, 6 * HOUR_S))


def _order_rows(
    orders: _Orders, deliveries: Columns, months: Calendar, rng: np.random.Generator
) -> Columns:
    """The orders with the status known by the as-of date, recorded when that status was learned."""
    count = len(orders.events)
    shipped_s = orders.events.at_s + lag_s(rng, count, DAY_S, 0.4)
    cancelled_s = orders.recorded_s + lag_s(rng, count, 6 * HOUR_S)
    came = keep(deliveries, deliveries["status"] == ARRIVED)
    came_s = np.zeros(count, dtype=np.int64)
    came_s[came["order_no"]] = came["recorded_at"]
    status = np.full(count, PLACED)
    recorded = orders.recorded_s.copy()
    for which, code, when in (
        (~orders.cancelled & (shipped_s <= months.as_of_s), SHIPPED, shipped_s),
        (came_s > 0, DELIVERED, came_s),
        (orders.cancelled & (cancelled_s <= months.as_of_s), CANCELLED, cancelled_s),
    ):
        status[which] = code
        recorded[which] = np.maximum(recorded[which], when[which])
    return {
        "enterprise": orders.events.firm,
        "order_no": orders.number,
        "counterparty": orders.party,
        "gross": orders.gross,
        "status": status,
        "occurred_at": orders.events.at_s,
        "recorded_at": recorded,
    }


def _reviews(orders: _Orders, deliveries: Columns, rng: np.random.Generator) -> Columns:
    """Stars from 1 to 5 for 4 in 10 arrivals, fewer from late ones and for weak firms."""
    came = keep(deliveries, deliveries["status"] == ARRIVED)
    says = keep(came, rng.random(len(came["order_no"])) < 0.4)
    order = says["order_no"]
    late = says["occurred_at"] > says["promised_at"]
    mood = 4.3 + 0.4 * orders.health[order] - 1.2 * late + rng.normal(0, 1, len(order))
    at = says["occurred_at"] + lag_s(rng, len(order), 2 * DAY_S)
    base = {"enterprise": says["enterprise"], "order_no": order}
    return base | {"stars": whole(np.clip(mood, 1, 5))} | _clocks(at, rng, 60)
