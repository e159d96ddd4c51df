"""What a simulated market is made from: settings, months, and streams of chance."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.world.sectors import SECTOR_NAMES

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

DAY_S = 86_400
MONTH_S = 365 * DAY_S // 12
SHOCK_AGE_MONTHS = 4


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """The whole input of a market: equal settings give equal bytes.

    `default_rate` is the mean true PD over 365 days without shocks. An empty `shocked_sector` lets
    the seed choose. With `unseen_sector_shock` no firm of that sector has a known outcome.
    """

    enterprises: int = 2000
    seed: int = 1
    months: int = 24
    as_of: date = date(2024, 12, 31)
    labelled_share: float = 0.6
    default_rate: float = 0.05
    shocked_sector: str = ""
    unseen_sector_shock: bool = False


class Stream(IntEnum):
    """The streams of chance: one for each room, so that a change in one leaves the others."""

    POPULATION = 0
    NAMES = 1
    HEALTH = 2
    FUTURE = 3
    NETWORK = 4
    INVOICES = 5
    TRADE = 6
    BANK = 7
    OUTCOMES = 8
    ACTIVITY = 9
    FABRICATION = 10
    PURCHASES = 11


def stream(settings: WorldSettings, which: Stream) -> np.random.Generator:
    """The generator of one room, spawned from the seed."""
    return np.random.default_rng(np.random.SeedSequence(settings.seed, spawn_key=(which,)))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Equal months of 365 / 12 days that end at midnight (UTC) of the as-of date.

    `edges_s` (months + 1) in seconds since 1970; `season_month` (months) 0 for January.
    """

    edges_s: Ints
    season_month: Ints

    @property
    def months(self) -> int:
        """How many months of history there are."""
        return len(self.season_month)

    @property
    def as_of_s(self) -> int:
        """The as-of date in seconds since 1970."""
        return int(self.edges_s[-1])

    @property
    def shock_month(self) -> int:
        """The month in which the shock sets in."""
        return max(0, self.months - SHOCK_AGE_MONTHS)


def calendar(settings: WorldSettings) -> Calendar:
    """The months of a market's history."""
    as_of = datetime.combine(settings.as_of, datetime.min.time(), UTC)
    edges_s = int(as_of.timestamp()) - MONTH_S * np.arange(settings.months, -1, -1, dtype=np.int64)
    middle = (edges_s[:-1] + MONTH_S // 2).astype("datetime64[s]").astype("datetime64[M]")
    return Calendar(edges_s, middle.astype(np.int64) % 12)


def check_settings(settings: WorldSettings) -> None:
    """Refuse settings that make no market, all reasons together; raises `InputProblem`."""
    sector = settings.shocked_sector
    rules = (
        (settings.enterprises < 1, "--enterprises", f"{settings.enterprises} firms make no market.",
         "Ask for at least 1."),
        (settings.enterprises > 1_000_000, "--enterprises",
         f"{settings.enterprises} firms are more than this market can number.",
         "Ask for at most 1000000."),
        (settings.seed < 0, "--seed", f"{settings.seed} is negative.",
         "Take a whole number from 0."),
        (not 1 <= settings.months <= 120, "--months", f"{settings.months} is out of range.",
         "Take 1 to 120 months."),
        (not 1990 <= settings.as_of.year <= 2200, "--as-of",
         f"{settings.as_of} is out of range.", "Take a date from 1990 to 2200."),
        (not 0 <= settings.labelled_share <= 1, "--labelled-share",
         f"{settings.labelled_share} is no share.", "Take a number from 0 to 1."),
        (not 0.001 <= settings.default_rate <= 0.5, "--default-rate",
         f"{settings.default_rate} is out of range.", "Take a share from 0.001 to 0.5."),
        (bool(sector) and sector not in SECTOR_NAMES, "--shocked-sector",
         f"'{sector}' is no sector of this market.", f"Take one of {', '.join(SECTOR_NAMES)}."),
    )  # fmt: skip
    findings = [
        Finding("bad-setting", Severity.ERROR, where, message, remedy)
        for broken, where, message, remedy in rules
        if broken
    ]
    if findings:
        raise InputProblem(findings)
