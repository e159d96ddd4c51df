"""The trades and countries of the simulated market. The figures are made up, not estimated."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sector:
    """One trade.

    `share` of all firms; `monthly_sales` the median number of sales; `ticket` the median value of
    one in currency units; `season_swing` the log swing around the year, highest in `season_peak`
    (0 for January); `platform_share` of firms that sell on a platform; `margin` of sales that is
    not spent on purchases; `risk` what the trade adds to the log odds of default.
    """

    name: str
    share: float
    monthly_sales: float
    ticket: float
    season_swing: float
    season_peak: int
    platform_share: float
    tax_rate: float
    margin: float
    terms_days: float
    risk: float


SECTORS = (
    Sector("apparel", 0.14, 4.0, 9_000, 0.45, 10, 0.7, 0.13, 0.28, 30, 0.1),
    Sector("electronics", 0.14, 4.0, 30_000, 0.30, 10, 0.6, 0.13, 0.18, 45, 0.0),
    Sector("machinery", 0.12, 2.0, 90_000, 0.15, 4, 0.1, 0.13, 0.30, 60, -0.1),
    Sector("building materials", 0.11, 2.5, 60_000, 0.30, 5, 0.1, 0.13, 0.20, 75, 0.4),
    Sector("food wholesale", 0.12, 6.0, 12_000, 0.25, 0, 0.4, 0.09, 0.12, 20, -0.2),
    Sector("furniture", 0.09, 3.0, 22_000, 0.25, 8, 0.5, 0.13, 0.26, 40, 0.0),
    Sector("logistics", 0.09, 4.5, 8_000, 0.20, 10, 0.1, 0.09, 0.15, 45, 0.2),
    Sector("hospitality", 0.07, 5.0, 5_000, 0.50, 6, 0.3, 0.06, 0.35, 10, 0.3),
    Sector("business services", 0.08, 2.0, 25_000, 0.10, 11, 0.1, 0.06, 0.45, 30, -0.4),
    Sector("farm produce", 0.04, 3.5, 10_000, 0.70, 8, 0.4, 0.09, 0.16, 20, 0.1),
)
SECTOR_NAMES = tuple(sector.name for sector in SECTORS)

COUNTRIES = ("CN", "HK", "VN", "IT", "DE", "TR", "FR", "US")
COUNTRY_SHARES = (0.62, 0.06, 0.08, 0.06, 0.06, 0.05, 0.04, 0.03)
CHINESE_SPEAKING = (True, True, False, False, False, False, False, False)

# Every amount is in the currency in which the platform settles, whatever the firm's country.
CURRENCY = "CNY"


def trait(name: str) -> NDArray[np.float64]:
    """One figure of every sector (sectors), by the name of its field."""
    return np.array([getattr(sector, name) for sector in SECTORS], dtype=np.float64)


def season(season_month: NDArray[np.int64]) -> NDArray[np.float64]:
    """The log effect of the season (sectors, months); it averages 0 over a year."""
    turn = 2 * np.pi * (season_month[None, :] - trait("season_peak")[:, None]) / 12
    return np.asarray(trait("season_swing")[:, None] * np.cos(turn), dtype=np.float64)
