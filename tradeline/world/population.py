"""Who the firms are: trade, country, size, and what of them can be seen."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from tradeline.world.sectors import COUNTRY_SHARES, SECTOR_NAMES, trait
from tradeline.world.settings import Calendar, Flags, Floats, Ints, WorldSettings

SOLE_TRADER_SHARE = 0.25
DATALESS_SHARE = 0.02
BANKED_SHARE = 0.6
YOUNG_SHARE = 0.15
SOLE_TRADER_TAX_RATE = 0.03
TICKET_MINOR_MAX = 10**9


@dataclass(frozen=True, slots=True)
class Population:
    """The firms, one entry of each array for each.

    `monthly_sales` is the usual number of sales and `ticket_minor` the median value of one;
    `platform_part` the part of sales that are orders on a platform; `first_month` the month in
    which trade begins; `dataless` firms leave no record, `banked` ones share their account.
    """

    sector: Ints
    country: Ints
    sole_trader: Flags
    shocked: Flags
    labelled: Flags
    dataless: Flags
    banked: Flags
    monthly_sales: Floats
    ticket_minor: Floats
    tax_rate: Floats
    margin: Floats
    platform_part: Floats
    first_month: Ints

    def __len__(self) -> int:
        return len(self.sector)


def draw_population(
    settings: WorldSettings, months: Calendar, rng: np.random.Generator
) -> Population:
    """All firms; the shock hits the sector of the settings, or one that chance picks."""
    firms = settings.enterprises
    picked = int(rng.integers(len(SECTOR_NAMES)))
    hit = SECTOR_NAMES.index(settings.shocked_sector) if settings.shocked_sector else picked
    sector = rng.choice(len(SECTOR_NAMES), firms, p=trait("share"))
    shocked = sector == hit
    sole_trader = rng.random(firms) < SOLE_TRADER_SHARE
    dataless = rng.random(firms) < DATALESS_SHARE
    labelled = rng.random(firms) < settings.labelled_share
    if settings.unseen_sector_shock:
        labelled &= ~shocked
    return Population(
        sector=sector,
        country=rng.choice(len(COUNTRY_SHARES), firms, p=np.array(COUNTRY_SHARES)),
        sole_trader=sole_trader,
        shocked=shocked,
        labelled=labelled,
        dataless=dataless,
        banked=(rng.random(firms) < BANKED_SHARE) & ~dataless,
        monthly_sales=_monthly_sales(sector, sole_trader, rng),
        ticket_minor=_ticket_minor(sector, sole_trader, rng),
        tax_rate=np.where(sole_trader, SOLE_TRADER_TAX_RATE, trait("tax_rate")[sector]),
        margin=np.clip(trait("margin")[sector] + rng.normal(0, 0.05, firms), 0.03, 0.7),
        platform_part=_platform_part(sector, rng),
        first_month=_first_month(firms, months, rng),
    )


def _monthly_sales(sector: Ints, sole_trader: Flags, rng: np.random.Generator) -> Floats:
    """A lognormal body with a Pareto tail of exponent 2.5."""
    log_size = rng.normal(0, 0.7, len(sector)) + rng.exponential(0.4, len(sector)) - 0.3
    size = np.exp(log_size - 0.4 * sole_trader)
    return np.minimum(trait("monthly_sales")[sector] * size, 300.0)


def _ticket_minor(sector: Ints, sole_trader: Flags, rng: np.random.Generator) -> Floats:
    spread = np.exp(rng.normal(0, 0.7, len(sector)) - 0.5 * sole_trader)
    return np.minimum(100 * trait("ticket")[sector] * spread, TICKET_MINOR_MAX)


def _platform_part(sector: Ints, rng: np.random.Generator) -> Floats:
    sells = rng.random(len(sector)) < trait("platform_share")[sector]
    return np.where(sells, rng.beta(2, 2, len(sector)), 0.0)


def _first_month(firms: int, months: Calendar, rng: np.random.Generator) -> Ints:
    """Young firms begin somewhere in the first three quarters of the history."""
    start = rng.integers(0, max(1, months.months * 3 // 4), firms)
    return np.where(rng.random(firms) < YOUNG_SHARE, start, 0)


def draw_fabricators(health_now: Floats, rng: np.random.Generator) -> Flags:
    """Which firms invent trade: about 3 in 100, more often those that do badly."""
    return np.asarray(rng.random(len(health_now)) < expit(-3.8 - 0.8 * health_now))
