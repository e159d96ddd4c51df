"""The market put together: firms, their state and fate, and the tables they leave behind."""

from collections.abc import Iterator
from dataclasses import dataclass

from tradeline.world.activity import sales_rate
from tradeline.world.bank import draw_bank
from tradeline.world.columns import Columns
from tradeline.world.invoices import draw_purchases, draw_sales
from tradeline.world.latent_state import Health, simulate_health
from tradeline.world.names import draw_names
from tradeline.world.network import INSTITUTIONS, Network, draw_network
from tradeline.world.outcomes import Fates, draw_fates, draw_ratings
from tradeline.world.population import Population, draw_fabricators, draw_population
from tradeline.world.settings import (
    Calendar,
    Flags,
    Ints,
    Stream,
    WorldSettings,
    calendar,
    check_settings,
    stream,
)
from tradeline.world.trade import draw_trade


@dataclass(frozen=True, slots=True)
class Firms:
    """All that is true of the firms, seen or not."""

    months: Calendar
    population: Population
    health: Health
    fabricates: Flags
    fates: Fates
    rating: Ints
    names: list[str]


def draw_firms(settings: WorldSettings) -> Firms:
    """The firms of a market; raises `InputProblem` if the settings make none."""
    check_settings(settings)
    months = calendar(settings)
    population = draw_population(settings, months, stream(settings, Stream.POPULATION))
    health = simulate_health(population.shocked, months, stream(settings, Stream.HEALTH))
    invents = draw_fabricators(health.total[:, -1], stream(settings, Stream.FABRICATION))
    fates = draw_fates(population, health, settings.default_rate, stream(settings, Stream.FUTURE))
    return Firms(
        months=months,
        population=population,
        health=health,
        fabricates=invents & ~population.dataless,
        fates=fates,
        rating=draw_ratings(fates, stream(settings, Stream.OUTCOMES)),
        names=draw_names(population, stream(settings, Stream.NAMES)),
    )


def draw_networks(settings: WorldSettings, firms: Population) -> tuple[Network, Network]:
    """The buyers and the suppliers; no party is both."""
    rng = stream(settings, Stream.NETWORK)
    buyers = draw_network(firms.monthly_sales, INSTITUTIONS, rng)
    return buyers, draw_network(firms.monthly_sales, int(buyers.party.max()) + 1, rng)


def draw_tables(settings: WorldSettings, firms: Firms) -> Iterator[tuple[str, Columns]]:
    """What the firms leave behind by the as-of date, one contract's table after the other."""
    population, months, health = firms.population, firms.months, firms.health.total
    buyers, suppliers = draw_networks(settings, population)
    rate = sales_rate(population, health, months, stream(settings, Stream.ACTIVITY))
    trade = draw_trade(population, health, rate, buyers, months, stream(settings, Stream.TRADE))
    sales = draw_sales(
        population, health, rate, firms.fabricates, buyers, trade.payments, trade.refunds, months,
        stream(settings, Stream.INVOICES),
    )  # fmt: skip
    yield "sales_invoices", sales.invoices
    purchases = draw_purchases(
        population, health, rate, sales.traded, suppliers, months,
        stream(settings, Stream.PURCHASES),
    )  # fmt: skip
    yield "purchase_invoices", purchases
    yield "orders", trade.orders
    yield "order_lines", trade.order_lines
    yield "payments", trade.payments
    yield "refunds", trade.refunds
    yield "deliveries", trade.deliveries
    yield "reviews", trade.reviews
    yield "bank_transactions", draw_bank(
        population, health, sales, purchases, trade.payments, trade.refunds, months,
        stream(settings, Stream.BANK),
    )  # fmt: skip
