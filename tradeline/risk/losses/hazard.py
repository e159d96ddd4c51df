"""When firms default: a discrete-time hazard model, from loans observed to default or for a while.

The hazard of month t is the chance to default in it, having survived the months before:

    logit h_t(x) = level_t + sum_j slope_tj x_j

fitted by maximum likelihood to how many loans were at risk and how many defaulted, by month and by
row of x (Singer and Willett 1993). A loan that is still sound, or was repaid, counts as at risk up
to the last month in which it was seen, and says nothing of later ones: right-censoring, which must
not depend on how near the loan was to default.

Levels are smooth in time (second differences are penalised), slopes change slowly (first
differences): a sign of risk may fade, and the data say how fast. How smooth is chosen by marginal
likelihood (the update of Wood and Fasiolo 2017). Months count from 1, the first after the start.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit, ndtri
from threadpoolctl import threadpool_limits

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rows = tuple[tuple[float, ...], ...]

HORIZON_MAX = 24
# Fewer loans at risk in the last month say next to nothing of it.
AT_RISK_MIN = 30
STEPS_MAX = 50
TOLERANCE = 1e-9
SMOOTHINGS = 30
SMOOTH_START, SMOOTH_MAX = 10.0, 1e8
# Precision of the belief that months are alike and features say nothing, so weak that it shows only
# where no month or no feature has both defaults and survivors.
WEAK = 0.01


@dataclass(frozen=True, slots=True)
class HazardModel:
    """Levels (months) and slopes (months x features) of the logit of the hazard, with their doubt.

    `covariance` is that of the coefficients, month by month the level and then the slopes.
    """

    features: tuple[str, ...]
    levels: tuple[float, ...]
    slopes: Rows
    covariance: Rows
    loans: int
    defaults: int

    @property
    def months(self) -> int:
        """How many months ahead the model speaks of."""
        return len(self.levels)

    def log_odds(self, X: Floats) -> Floats:
        """Logit of the hazard by month (rows x months), X being rows x features."""
        slopes = np.array(self.slopes).reshape(self.months, len(self.features))
        shifted: Floats = np.array(self.levels) + np.einsum("rj,tj->rt", X, slopes)
        return shifted

    def cumulative(self, X: Floats) -> Floats:
        """Probability of default by the end of each month (rows x months); rises with the month."""
        return cumulative_of(self.log_odds(X))

    def cumulative_interval(self, X: Floats, level: float) -> tuple[Floats, Floats]:
        """Ends of the interval of `cumulative`: the doubt about the model, not a firm's own fate.

        Delta method on the logarithm of the cumulative hazard, so that ends stay within 0 to 1.
        """
        log_odds = self.log_odds(X)
        total = np.cumsum(np.logaddexp(0, log_odds), axis=1)
        known = np.column_stack([np.ones(len(X)), X])
        width = known.shape[1]
        push = (expit(log_odds)[:, :, None] * known[:, None, :]).reshape(len(X), -1)
        spread = np.array(self.covariance)
        variance = np.empty_like(total)
        for month in range(self.months):
            upto = (month + 1) * width
            part = push[:, :upto]
            variance[:, month] = np.einsum("ra,ab,rb->r", part, spread[:upto, :upto], part)
        reach = float(ndtri((1 + level) / 2)) * np.sqrt(variance) / total
        return -np.expm1(-total * np.exp(-reach)), -np.expm1(-total * np.exp(reach))


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """Distinct rows (rows x 1 + features, the first ones), at risk and defaulted by month."""

    Z: Floats
    at_risk: Floats
    defaulted: Floats


def cumulative_of(log_odds: Floats) -> Floats:
    """Probability of default by the end of each month, from logits of hazards (rows x months)."""
    pds: Floats = -np.expm1(-np.cumsum(np.logaddexp(0, log_odds), axis=1))
    return pds


def fit_hazard(
    X: Floats, months: Ints, defaulted: Flags, *, features: tuple[str, ...], horizon_months: int
) -> HazardModel:
    """Learn from loans: X (loans x features), the months that each was seen for, and its default.

    `months` is that of the default, or the last at whose end the loan was seen sound; 0 for one
    that was not seen for a whole month. Months beyond the horizon are not looked at. Raises
    InputProblem that lists what is in the way.
    """
    _check(X, months, defaulted, features, horizon_months)
    centre, scale = X.mean(axis=0), X.std(axis=0)
    scale[scale == 0] = 1.0
    counts = _counted((X - centre) / scale, months, defaulted, horizon_months)
    # Sums of BLAS depend on the number of threads.
    with threadpool_limits(limits=1, user_api="blas"):
        found, covariance = _smoothed(counts, horizon_months)
    # Back from centred and scaled features to those that were given.
    turn = np.eye(1 + X.shape[1])
    turn[0, 1:], turn[1:, 1:] = -centre / scale, np.diag(1 / scale)
    coefficients = np.einsum("ab,tb->ta", turn, found)
    turns = np.kron(np.eye(horizon_months), turn)
    covariance = np.einsum("ab,bc,dc->ad", turns, covariance, turns)
    return HazardModel(
        features,
        tuple(coefficients[:, 0].tolist()),
        _rows(coefficients[:, 1:]),
        _rows(covariance),
        len(months),
        int((defaulted & (months <= horizon_months)).sum()),
    )


def _rows(values: Floats) -> Rows:
    return tuple(tuple(row) for row in values.tolist())


def _counted(X: Floats, months: Ints, defaulted: Flags, horizon: int) -> _Counts:
    """Loans by distinct row and month, instead of a row for each loan and month."""
    distinct, place = np.unique(X, axis=0, return_inverse=True)
    place = place.reshape(-1)
    shape = (len(distinct), horizon + 2)
    ends = np.minimum(months, horizon + 1)
    seen = np.bincount(place * shape[1] + ends, minlength=shape[0] * shape[1]).reshape(shape)
    cell = (place * shape[1] + ends)[defaulted & (months <= horizon)]
    fell = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    at_risk = seen[:, ::-1].cumsum(axis=1)[:, ::-1]
    return _Counts(
        np.column_stack([np.ones(len(distinct)), distinct]),
        at_risk[:, 1:-1].astype(np.float64),
        fell[:, 1:-1].astype(np.float64),
    )


def _smoothed(counts: _Counts, horizon: int) -> tuple[Floats, Floats]:
    """Coefficients (months x 1 + features) and their covariance, as smooth as the data say."""
    width = counts.Z.shape[1]
    penalties, weak = _penalties(horizon, width - 1)
    weights = np.full(len(penalties), SMOOTH_START)
    rate = counts.defaulted.sum() / counts.at_risk.sum()
    found = np.zeros((horizon, width))
    found[:, 0] = np.log(rate / (1 - rate))
    for _ in range(SMOOTHINGS):
        whole = sum((w * S for w, S in zip(weights, penalties, strict=True)), start=weak)
        found, covariance = _most_likely(counts, found, whole)
        flat, before = found.ravel(), weights
        weights = np.array(
            [_reweighted(w, S, flat, covariance) for w, S in zip(weights, penalties, strict=True)]
        )
        if np.allclose(weights, before, rtol=0.01):
            break
    return found, covariance


def _penalties(horizon: int, features: int) -> tuple[list[Floats], Floats]:
    """What smoothness costs (of the level, of the slopes), and the weak belief beneath both."""
    is_level = np.diag([1.0] + [0.0] * features)
    is_slope = np.eye(1 + features) - is_level
    penalties = [_roughness(horizon, 2, is_level), _roughness(horizon, 1, is_slope)]
    weak = WEAK * (_roughness(horizon, 1, is_level) + np.kron(np.eye(horizon), is_slope))
    return [penalty for penalty in penalties if penalty.any()], weak


def _roughness(horizon: int, order: int, of: Floats) -> Floats:
    """The sum of squared differences of an order, month to month, as a quadratic form."""
    steps = np.diff(np.eye(horizon), order, axis=0)
    form: Floats = np.kron(np.einsum("da,db->ab", steps, steps), of)
    return form


def _reweighted(weight: float, penalty: Floats, found: Floats, covariance: Floats) -> float:
    """The update of Wood and Fasiolo (2017): rough fits are penalised less, smooth ones more."""
    rank = np.linalg.matrix_rank(penalty)
    freedom = rank / weight - float(np.einsum("ab,ba->", covariance, penalty))
    rough = float(np.einsum("a,ab,b->", found, penalty, found))
    return float(np.clip(weight * freedom / max(rough, 1e-12), WEAK, SMOOTH_MAX))


def _most_likely(counts: _Counts, start: Floats, penalty: Floats) -> tuple[Floats, Floats]:
    """Newton steps, halved until the penalised loss falls; the covariance at the end."""
    found, loss = start, _loss(counts, start, penalty)
    for _ in range(STEPS_MAX):
        pull, factor = _curved(counts, found, penalty)
        step = cho_solve(factor, pull).reshape(found.shape)
        length = 1.0
        while (value := _loss(counts, found + length * step, penalty)) > loss and length > 1e-8:
            length /= 2
        gained = loss - value
        if gained > 0:
            found, loss = found + length * step, value
        if gained <= TOLERANCE * (1 + abs(loss)):
            break
    _, factor = _curved(counts, found, penalty)
    return found, cho_solve(factor, np.eye(found.size))


def _curved(counts: _Counts, found: Floats, penalty: Floats) -> tuple[Floats, tuple[Floats, bool]]:
    """Gradient of the penalised likelihood and the factor of its curvature."""
    hazard = expit(np.einsum("uk,tk->ut", counts.Z, found))
    gap = counts.defaulted - counts.at_risk * hazard
    spread = counts.at_risk * hazard * (1 - hazard)
    pull = np.einsum("ut,uk->tk", gap, counts.Z).ravel() - penalty @ found.ravel()
    blocks = np.einsum("ut,uk,ul->tkl", spread, counts.Z, counts.Z)
    return pull, cho_factor(_along_diagonal(blocks) + penalty)


def _along_diagonal(blocks: Floats) -> Floats:
    """One square block for each month along the diagonal."""
    months, width, _ = blocks.shape
    whole = np.zeros((months, width, months, width))
    every = np.arange(months)
    whole[every, :, every, :] = blocks
    return whole.reshape(months * width, -1)


def _loss(counts: _Counts, found: Floats, penalty: Floats) -> float:
    log_odds = np.einsum("uk,tk->ut", counts.Z, found)
    unlikely = counts.at_risk * np.logaddexp(0, log_odds) - counts.defaulted * log_odds
    flat = found.ravel()
    return float(unlikely.sum() + flat @ penalty @ flat / 2)


def _check(
    X: Floats, months: Ints, defaulted: Flags, features: tuple[str, ...], horizon: int
) -> None:
    if not 1 <= horizon <= HORIZON_MAX:
        raise problem(
            "bad-horizon",
            "hazard",
            f"A horizon of {horizon} months is out of range.",
            f"Take 1 to {HORIZON_MAX} months.",
        )
    inside = defaulted & (months <= horizon)
    at_risk = int((months >= horizon).sum())
    rules = (
        (
            X.shape == (len(months), len(features)) and len(defaulted) == len(months),
            "Features, months and outcomes are not of the same loans.",
            "Give one row, one month and one outcome for each loan.",
        ),
        (
            bool(np.isfinite(X).all()),
            "A feature is missing or infinite.",
            "Give the log-odds of a score, which has a place for missing values.",
        ),
        (
            bool((months >= defaulted).all()),
            "A loan has a negative month, or defaulted in month 0.",
            "Count months from 1, the first after the start.",
        ),
        (
            bool(inside.any()) and not inside.all(),
            "Within the horizon all loans defaulted, or none did.",
            "Give loans of both kinds.",
        ),
        (
            at_risk >= AT_RISK_MIN,
            f"Only {at_risk} loans were seen into month {horizon}.",
            f"Take a shorter horizon, into whose last month at least {AT_RISK_MIN} were seen.",
        ),
    )
    broken = [
        Finding("bad-loans", Severity.ERROR, "hazard", message, remedy)
        for holds, message, remedy in rules
        if not holds
    ]
    if broken:
        raise InputProblem(broken)
