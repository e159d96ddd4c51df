"""A model judged and trained on outcomes of the approved, beside the truth of a simulated market.

Firms, their health and their true PDs are those of the simulated market; what a lender sees of them
are noisy views. An earlier scorecard, learned on a few firms and three views, approves the safest.
Half of the applicants serve to learn from, half to judge on. *Judging*: a model learned from the
approved is judged for all applicants by each way, with and without an exploration arm below the
cut-off; errors are against its figures on true PDs. *Training*: the true AUC for all applicants of
logistic regressions, ours reweighted, beside rejectkit's methods on the same rows.

`--table FILE --target COLUMN --earlier COLUMN ...` takes a real table of numbers instead, all of
whose outcomes are known and some then hidden: the truth is what became of everybody.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit
from sklearn.linear_model import LogisticRegression

from benchmarks.measure import show, sound_cost
from tradeline.risk.report.data import Interval
from tradeline.risk.scoring.scorecard import Scorecard
from tradeline.risk.selection.evaluation import (
    Applicants,
    Lending,
    Way,
    evaluate,
    figures_of,
)
from tradeline.risk.selection.exploration import ExplorationTerms, explore
from tradeline.risk.selection.propensity import (
    drawn_by_weight,
    estimate_propensities,
    weights_of,
)
from tradeline.risk.validation.peer import signed_log
from tradeline.world.latent_state import simulate_health
from tradeline.world.outcomes import draw_fates
from tradeline.world.population import draw_population
from tradeline.world.sectors import trait
from tradeline.world.settings import Stream, WorldSettings, calendar, stream

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

PEER = Path(".venv-peers/bin/python")
PEER_FILE = Path(__file__).parent / "peers" / "rejectkit_training.py"
APPROVED_SHARE = 0.5
EARLIER_FIRMS, EARLIER_VIEWS = 1000, 3
NO_STOP = 10**12
LENDING = Lending(approved_share=0.5, earned=0.08, lost=0.45)
# By arm: the share of applicants whose scores lie in its band, and the share of those it approves.
ARMS = {
    "no exploration": (0.2, 0.0),
    "15 % of the next fifth explored": (0.2, 0.15),
    "10 % of all declined explored": (0.5, 0.10),
}


@dataclass(frozen=True, slots=True)
class Market:
    """Views of firms (firms x views), their true PDs, and what became of them."""

    views: Floats
    pd: Floats
    bad: Flags

    def of(self, rows: Ints) -> "Market":
        """Some of the firms."""
        return Market(self.views[rows], self.pd[rows], self.bad[rows])


@dataclass(frozen=True, slots=True)
class Selected:
    """Applicants, who of them was approved, and the chance that each had of it."""

    market: Market
    approved: Flags
    propensity: Floats


def main(words: Sequence[str] | None = None) -> int:
    """Judge and train under selection, market by market."""
    options = _options(words)
    for name, (band, share) in ARMS.items():
        errors: dict[tuple[str, str], list[tuple[float, bool]]] = {}
        markets = [_halves(options, band, share, seed) for seed in range(options.seeds)]
        for seed, (learned, judged) in enumerate(markets):
            for key, error in _judged(learned, judged, share > 0, seed).items():
                errors.setdefault(key, []).append(error)
        _report(options, name, _spent(markets), errors, _trained(options.peer, markets))
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.selection",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--firms", type=int, default=8000, help="applicants of a market (8000)")
    parser.add_argument("--seeds", type=int, default=20, help="markets (20)")
    parser.add_argument("--table", type=Path, help="a Parquet file of numbers instead of markets")
    parser.add_argument("--target", help="its column of outcomes, 1 for a bad")
    parser.add_argument("--earlier", nargs="+", help="the columns that the earlier scorecard saw")
    parser.add_argument("--peer", type=Path, default=PEER, help=f"python with rejectkit ({PEER})")
    return parser.parse_args(words)


def draw_market(firms: int, seed: int) -> Market:
    """Firms of the simulated market at a default rate of 10 %, and seven views of them."""
    settings = WorldSettings(enterprises=firms, seed=seed, default_rate=0.1)
    months = calendar(settings)
    population = draw_population(settings, months, stream(settings, Stream.POPULATION))
    health = simulate_health(population.shocked, months, stream(settings, Stream.HEALTH))
    fates = draw_fates(population, health, settings.default_rate, stream(settings, Stream.FUTURE))
    noise = np.random.default_rng([seed, 1]).normal(size=(firms, 7))
    year = health.total[:, -12:].mean(axis=1)
    views = np.column_stack(
        [
            year + 0.9 * noise[:, 0],
            population.margin,
            trait("risk")[population.sector],
            health.total[:, -1] + 1.2 * noise[:, 1],
            health.total[:, -1] - year + 0.8 * noise[:, 2],
            np.log(population.monthly_sales),
            noise[:, 3],
        ]
    )
    return Market(views, fates.pd, fates.default)


def read_market(options: argparse.Namespace, seed: int) -> tuple[Market, Market]:
    """Rows of a table drawn by the seed, and others for the earlier scorecard to learn from.

    What the earlier scorecard saw comes first. The "true PD" of a row is its outcome.
    """
    found = duckdb.read_parquet(str(options.table)).fetchnumpy()
    bad = found.pop(options.target).astype(bool)
    names = [*options.earlier, *(name for name in found if name not in options.earlier)]
    views = signed_log(np.column_stack([found[name] for name in names]).astype(np.float64))
    rows = np.random.default_rng([seed, 6]).permutation(len(bad))
    parts = rows[: options.firms], rows[-EARLIER_FIRMS:]
    now, earlier = (Market(views[part], bad[part].astype(np.float64), bad[part]) for part in parts)
    return now, earlier


def markets_of(options: argparse.Namespace, seed: int) -> tuple[Market, Market]:
    """The market of a seed, and the firms that an earlier scorecard learned from."""
    if options.table:
        return read_market(options, seed)
    return draw_market(options.firms, seed), draw_market(EARLIER_FIRMS, 10_000 + seed)


def select(
    market: Market, earlier: Market, seen: int, band: float, share: float, seed: int
) -> Selected:
    """The safest half by an earlier scorecard, and a share of a band below it by exploration.

    The earlier scorecard saw the first `seen` views.
    """
    card = Scorecard().fit(earlier.views[:, :seen], earlier.bad)
    score = card.scores(market.views[:, :seen])
    cut, lowest = np.quantile(score, [1 - APPROVED_SHARE, 1 - APPROVED_SHARE - band])
    highest = int(cut) - 1
    terms = ExplorationTerms((min(int(lowest), highest), highest), share, NO_STOP, f"market {seed}")
    told = [
        explore(terms, f"E{row}", value, spent_minor=0, at_stake_minor=0)
        for row, value in enumerate(score.tolist())
    ]
    safe = score >= int(cut)
    explored = np.array([answer.explored for answer in told])
    propensity = np.where(safe, 1.0, [answer.propensity for answer in told])
    return Selected(market, safe | explored, propensity)


def _halves(
    options: argparse.Namespace, band: float, share: float, seed: int
) -> tuple[Selected, Selected]:
    """One half to learn from and one to judge on."""
    market, earlier = markets_of(options, seed)
    seen = len(options.earlier) if options.table else EARLIER_VIEWS
    whole = select(market, earlier, seen, band, share, seed)
    rows = np.random.default_rng([seed, 2]).permutation(len(market.bad))
    halves = [
        Selected(whole.market.of(half), whole.approved[half], whole.propensity[half])
        for half in np.array_split(rows, 2)
    ]
    return halves[0], halves[1]


def _spent(markets: Sequence[tuple[Selected, Selected]]) -> str:
    """How many firms the arm approved, and what they cost in the mean, on true PDs."""
    halves = [half for market in markets for half in market]
    arm = [half.approved & (half.propensity < 1) for half in halves]
    pds = np.concatenate([half.market.pd[rows] for half, rows in zip(halves, arm, strict=True)])
    if not len(pds):
        return "Nobody is explored."
    share = len(pds) / sum(len(half.approved) for half in halves)
    result = LENDING.earned * (1 - pds.mean()) - LENDING.lost * pds.mean()
    return (
        f"{share:.1%} of applicants are explored; their mean PD is {pds.mean():.1%}, they bring "
        f"{result:+.1%} of what is lent to them, {share * result:+.2%} of what all ask for."
    )


def _judged(
    learned: Selected, judged: Selected, known: bool, seed: int
) -> dict[tuple[str, str], tuple[float, bool]]:
    """Error of each way and figure, and whether its interval holds the truth."""
    rows = np.flatnonzero(learned.approved)
    model = Scorecard().fit(learned.market.views[rows], learned.market.bad[rows])
    pds = model.predict_proba(judged.market.views)[:, 1]
    applicants = Applicants(
        pds,
        judged.approved,
        judged.market.bad.astype(np.float64),
        _propensity(judged, known, seed),
        _prior(learned, judged, known, seed),
    )
    truth = figures_of(pds, np.ones(len(pds)), judged.market.pd, LENDING)
    found = {}
    for way in Way:
        figures = evaluate(applicants, way, LENDING, np.random.default_rng([seed, 3]))
        for name, figure in figures.items():
            holds = figure.low <= truth[name] <= figure.high
            found[way.value, name] = (figure.estimate - truth[name], holds)
    return found


def _propensity(selected: Selected, known: bool, seed: int) -> Floats:
    """Those of the records where there is an exploration arm, else estimated ones."""
    if known:
        return selected.propensity
    generator = np.random.default_rng([seed, 4])
    return estimate_propensities(selected.market.views, selected.approved, generator)


def _prior(learned: Selected, judged: Selected, known: bool, seed: int) -> Floats:
    """PDs of a reweighted logistic regression, which is not the model that is judged."""
    return _logistic(learned, _weights(learned, known, seed), judged.market.views)


def _weights(selected: Selected, known: bool, seed: int) -> Floats:
    return weights_of(selected.approved, _propensity(selected, known, seed))


def _logistic(learned: Selected, weights: Floats, views: Floats) -> Floats:
    centre, scale = learned.market.views.mean(axis=0), learned.market.views.std(axis=0)
    rows = np.flatnonzero(weights)
    fitted = LogisticRegression().fit(
        (learned.market.views[rows] - centre) / scale, learned.market.bad[rows], weights[rows]
    )
    pds: Floats = fitted.predict_proba((views - centre) / scale)[:, 1]
    return pds


def _trained(
    peer: Path, markets: Sequence[tuple[Selected, Selected]]
) -> Mapping[str, Sequence[float]]:
    """The true AUC for all applicants of models that learned in each way, by market."""
    theirs = _peers(peer, markets)
    found: dict[str, list[float]] = {}
    for seed, (learned, judged) in enumerate(markets):
        on = judged.market
        for name, pds in (_ours(learned, on, seed) | theirs[seed]).items():
            truth = figures_of(pds, np.ones(len(pds)), on.pd, LENDING)
            found.setdefault(name, []).append(truth["AUC"])
    return found


def _ours(learned: Selected, on: Market, seed: int) -> dict[str, Floats]:
    """PDs of models that know all, the approved, and the approved with weights."""
    known = bool((learned.propensity[~learned.approved] > 0).any())
    weights = _weights(learned, known, seed)
    drawn = drawn_by_weight(weights, np.random.default_rng([seed, 5]))
    card = Scorecard().fit(learned.market.views[drawn], learned.market.bad[drawn], groups=drawn)
    rows = np.flatnonzero(learned.approved)
    plain = Scorecard().fit(learned.market.views[rows], learned.market.bad[rows])
    return {
        "all outcomes known": _logistic(learned, np.ones(len(weights)), on.views),
        "approved only": _logistic(learned, learned.approved.astype(np.float64), on.views),
        "reweighted": _logistic(learned, weights, on.views),
        "scorecard, approved only": plain.predict_proba(on.views)[:, 1],
        "scorecard, drawn by weight": card.predict_proba(on.views)[:, 1],
    }


def _peers(peer: Path, markets: Sequence[tuple[Selected, Selected]]) -> list[dict[str, Floats]]:
    """The peer's PDs by method, market by market; one process, for it starts slowly."""
    if not peer.exists():
        return [{} for _ in markets]
    with tempfile.TemporaryDirectory() as folder:
        for seed, (learned, judged) in enumerate(markets):
            market, approved = learned.market, learned.approved
            np.savez(
                Path(folder) / f"{seed}.npz",
                accepted=market.views[approved],
                bad=market.bad[approved].astype(np.int64),
                rejected=market.views[~approved],
                asked=judged.market.views,
            )
        sound_cost([str(peer.absolute()), str(PEER_FILE), folder])
        found = []
        for seed in range(len(markets)):
            with np.load(Path(folder) / f"{seed}.told.npz") as pds:
                found.append({f"rejectkit {name}": pds[name] for name in pds.files})
        return found


def _report(
    options: argparse.Namespace,
    arm: str,
    spent: str,
    errors: Mapping[tuple[str, str], Sequence[tuple[float, bool]]],
    aucs: Mapping[str, Sequence[float]],
) -> None:
    lines, figures = [], {}
    naive = Way.APPROVED_ONLY.value
    for (way, name), told in errors.items():
        error = np.array([value for value, _ in told])
        held = float(np.mean([holds for _, holds in told]))
        against = np.abs([value for value, _ in errors[naive, name]])
        size, gain = _mean(np.abs(error)), _mean(against - np.abs(error))
        nearer = ""
        if way != naive:
            nearer = f", nearer by {gain.estimate:.4f} ({gain.low:.4f} to {gain.high:.4f})"
        lines.append(
            f"{name}, {way}: off by {size.estimate:.4f} ({size.low:.4f} to {size.high:.4f}), bias "
            f"{error.mean():+.4f}{nearer}; interval holds the truth {held:.0%}"
        )
        figures[f"{name}, {way}"] = {
            "off": size.estimate,
            "bias": float(error.mean()),
            "nearer": [gain.estimate, gain.low, gain.high],
            "held": held,
        }
    base = np.array(aucs["approved only"])
    for name, values in aucs.items():
        gain = _mean(np.array(values) - base)
        lines.append(
            f"trained {name}: true AUC {np.mean(values):.4f}, against approved only "
            f"{gain.estimate:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})"
        )
    figures["trained"] = {name: float(np.mean(values)) for name, values in aucs.items()}
    show(
        f"selection, {arm}",
        [
            f"{options.firms:,} applicants, {options.seeds} markets; intervals of 90 %.",
            spent,
            *lines,
        ],
        {"applicants": options.firms, "markets": options.seeds, "figures": figures},
    )


def _mean(values: Floats) -> Interval:
    """The mean over markets with Student's interval."""
    middle, error = float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5
    reach = float(stdtrit(len(values) - 1, 0.95)) * error
    return Interval(middle, middle - reach, middle + reach)


if __name__ == "__main__":
    raise SystemExit(main())
