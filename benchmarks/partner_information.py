"""What features of buyers tell of default in a simulated market, each alone: AUC with interval.

In the world no buyer is an enterprise of the market, so nothing is known of one. Here half of the
names on sales invoices are given to firms of the market, to more or less like ones: `--alike` is
the correlation of ranks between a buyer's health and the mean health of those who sell to it, with
0 for chance. What is measured is what is left of it once health shows through invoices alone; how
alike partners are in a real market, it cannot say. Beside each figure stands the same feature of
the firm itself, and what the buyers' true PD would have told.

  python -m benchmarks.partner_information
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.measure import show
from tradeline.creditfile.features.api import land_tables
from tradeline.creditfile.features.catalogue import FEATURES
from tradeline.creditfile.features.compute import compute_features
from tradeline.creditfile.features.declaration import Feature, OfPartners
from tradeline.creditfile.features.of_partners import BUYERS
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.moments import end_of
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.discrimination import auc_per_draw
from tradeline.risk.validation.resampling import draw_counts, interval_of
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

Floats = NDArray[np.float64]

KNOWN_SHARE = 0.5
OWN = ("sales_growth_12m", "sales_volatility_12m", "sales_active_months_12m", "margin_12m")
BY_NAME = {feature.name: feature for feature in FEATURES}
TRADED = """
SELECT counterparty, enterprise, SUM(gross_minor) AS amount FROM sales_invoices
WHERE counterparty <> 'C00000000' GROUP BY ALL ORDER BY ALL
"""


def main(words: Sequence[str] | None = None) -> int:
    """Make a market for each likeness, and measure."""
    options = _options(words)
    settings = WorldSettings(enterprises=options.enterprises, seed=options.seed)
    with TemporaryDirectory() as folder:
        market = Path(folder) / "market"
        write_world(settings, market, lambda _: None)
        for alike in options.alike:
            _report(alike, settings, figures(market, alike, settings))
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.partner_information",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--enterprises", type=int, default=4000, help="firms (4000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of market and names (1)")
    parser.add_argument(
        "--alike", type=float, nargs="+", default=[0.0, 0.5], help="likeness of partners (0 0.5)"
    )
    return parser.parse_args(words)


def figures(market: Path, alike: float, settings: WorldSettings) -> dict[str, Any]:
    """The AUC of each feature alone, of the firm and of its buyers, among firms that have both."""
    connection = land_tables(market, None, "CNY")
    truth = read_truth(market)
    give_names(connection, truth, alike, np.random.default_rng([settings.seed, 1]))
    asked = (*(BY_NAME[name] for name in OWN), *map(of_buyers, OWN), BY_NAME[COVERAGE])
    table = compute_features(connection, end_of(settings.as_of), asked)
    pd_of_buyers = true_pd_of_buyers(connection, truth, table)
    bad = np.array([truth[firm][1] for firm in table.enterprises])
    found: dict[str, Any] = {"coverage": float(np.nanmean(table.column(COVERAGE)))}
    for name in OWN:
        sign = BY_NAME[name].direction
        own, theirs = table.column(name), table.column(f"buyers_{name}")
        both = ~np.isnan(own) & ~np.isnan(theirs)
        found[name] = {
            "firms": int(both.sum()),
            "defaults": int(bad[both].sum()),
            "own": told(bad[both], sign * own[both]),
            "buyers": told(bad[both], sign * theirs[both]),
        }
    has = ~np.isnan(pd_of_buyers)
    found["true PD of buyers"] = {
        "firms": int(has.sum()),
        "defaults": int(bad[has].sum()),
        "buyers": told(bad[has], pd_of_buyers[has]),
    }
    return found


COVERAGE = "buyers_known_share_12m"


def of_buyers(name: str) -> Feature:
    """The mean of a feature over a firm's buyers, weighted by sales to them."""
    mean = OfPartners(BUYERS, BY_NAME[name].expression, "mean")
    return Feature(f"buyers_{name}", "partners", "", "", mean, 0, "")


def told(bad: NDArray[np.bool_], risk: Floats) -> Interval:
    """How well a figure ranks defaults, with its interval."""
    counts = draw_counts(bad, np.random.default_rng(1))
    return interval_of(auc_per_draw(bad, risk, counts))


def read_truth(market: Path) -> dict[str, tuple[float, bool, float]]:
    """Health, whether it defaults, and the true PD of each firm."""
    path = market / "truth" / "enterprises.csv"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT enterprise, health, default_12m, true_pd FROM read_csv(?)", [str(path)]
        ).fetchall()
    return {firm: (health, bool(fails), pd) for firm, health, fails, pd in rows}


def give_names(
    connection: duckdb.DuckDBPyConnection,
    truth: dict[str, tuple[float, bool, float]],
    alike: float,
    generator: np.random.Generator,
) -> None:
    """Let half of the buyers be firms of the market, as healthy as those who sell to them."""
    sums: dict[str, list[float]] = {}
    for party, firm, amount in connection.execute(TRADED).fetchall():
        told_of = sums.setdefault(party, [0.0, 0.0])
        told_of[0] += max(amount, 0) * truth[firm][0]
        told_of[1] += max(amount, 0)
    parties = sorted(party for party, (_, amount) in sums.items() if amount > 0)
    parties = [party for party in parties if generator.random() < KNOWN_SHARE]
    health = np.array([sums[party][0] / sums[party][1] for party in parties])
    scores = (rankdata(health) - 0.5) / len(parties) - 0.5
    chance = generator.permutation(scores)
    place = np.argsort(np.argsort(alike * scores + np.sqrt(1 - alike**2) * chance))
    firms = sorted(truth, key=lambda firm: truth[firm][0])
    names = [firms[p * len(firms) // len(parties)] for p in place.tolist()]
    connection.execute("CREATE TABLE named (party VARCHAR, firm VARCHAR)")
    connection.execute("INSERT INTO named SELECT unnest(?), unnest(?)", [parties, names])
    connection.execute(
        "CREATE TABLE renamed AS SELECT * REPLACE (COALESCE(firm, counterparty) AS counterparty) "
        "FROM sales_invoices LEFT JOIN named ON counterparty = party"
    )
    connection.execute("CREATE OR REPLACE VIEW sales_invoices AS FROM renamed")


def true_pd_of_buyers(
    connection: duckdb.DuckDBPyConnection,
    truth: dict[str, tuple[float, bool, float]],
    table: FeatureTable,
) -> Floats:
    """The mean true PD of each firm's buyers, weighted by sales; NaN without any that is known."""
    sums = {firm: [0.0, 0.0] for firm in table.enterprises}
    for party, firm, amount in connection.execute(TRADED).fetchall():
        if party in truth and party != firm and amount > 0:
            sums[firm][0] += amount * truth[party][2]
            sums[firm][1] += amount
    return np.array([s / w if w else np.nan for s, w in sums.values()])


def _report(alike: float, settings: WorldSettings, found: dict[str, Any]) -> None:
    lines = [f"sales to buyers that the platform knows: {found['coverage']:.2f}"]
    plain: dict[str, Any] = {"alike": alike, "coverage": found.pop("coverage")}
    for name, figure in found.items():
        sides = {side: figure[side] for side in ("own", "buyers") if side in figure}
        shown = (f"{s} {i.estimate:.3f} ({i.low:.3f} to {i.high:.3f})" for s, i in sides.items())
        lines.append(
            f"{name}: {', '.join(shown)}; {figure['firms']} firms, {figure['defaults']} defaults"
        )
        plain[name] = figure | {s: [i.estimate, i.low, i.high] for s, i in sides.items()}
    show(f"AUC alone, {settings.enterprises} firms, partners alike to {alike}", lines, plain)


if __name__ == "__main__":
    raise SystemExit(main())
