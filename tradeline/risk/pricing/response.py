"""Take-up: the share of customers who accept a loan at a rate, by the bank's rating."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.risk.parameters import read_parameters

Floats = NDArray[np.float64]
WHERE = "response curves"
CURVES_ASSUMED = "response-curves-assumed"
ANY_RATING = "any"


@dataclass(frozen=True)
class ResponseCurve:
    """Take-up of one rating at the rates where it is known: rates rise, take-up never does."""

    rates_annual: Floats
    take_up: Floats


@dataclass(frozen=True)
class ResponseCurves:
    """The take-up curve of each of the bank's ratings, best rating first."""

    curves: Mapping[str, ResponseCurve]
    findings: tuple[Finding, ...] = ()

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[str, float, float]]) -> "ResponseCurves":
        """Curves from rows of rating, annual rate and lost share (shares of 1, in any order).

        Take-up is 1 - lost share. Where it rises with the rate, the nearest falling curve in
        least squares replaces it (isotonic regression), and a finding says so. Raises
        `InputProblem` on no rows, a share outside 0 to 1, a repeated rate, or a lone rate.
        """
        points = _points(rows)
        curves, findings = {}, []
        for rating in sorted(points):
            curves[rating], finding = _fit_curve(rating, points[rating])
            findings += [finding] if finding else []
        return cls(curves, tuple(findings))

    @property
    def ratings(self) -> tuple[str, ...]:
        """The ratings that have a curve, best first."""
        return tuple(self.curves)

    @property
    def rate_bounds(self) -> tuple[float, float]:
        """The least and greatest annual rate at which every curve is known."""
        low = max(float(curve.rates_annual[0]) for curve in self.curves.values())
        high = min(float(curve.rates_annual[-1]) for curve in self.curves.values())
        return low, high

    def take_up(self, rates_annual: Floats) -> Floats:
        """Take-up by curve and rate, shape (curves, rates), linear between known rates.

        Raises `InputProblem` for a rate outside `rate_bounds`: nobody has seen what happens there.
        """
        low, high = self.rate_bounds
        outside = [rate for rate in rates_annual.tolist() if not low <= rate <= high]
        if outside:
            raise problem(
                "rate-outside-curves",
                WHERE,
                f"Take-up at a rate of {outside[0]:.2%} is unknown: the curves cover {low:.2%} to "
                f"{high:.2%}.",
                "Choose rates within the curves, or bring curves that reach further.",
            )
        known = [
            np.interp(rates_annual, curve.rates_annual, curve.take_up)
            for curve in self.curves.values()
        ]
        return np.array(known, dtype=np.float64)

    def expected_take_up(
        self, probabilities: Floats, ratings: Sequence[str], rates_annual: Floats
    ) -> Floats:
        """Take-up by firm and rate, shape (firms, rates): the mixture over the firm's ratings.

        `probabilities` has shape (firms, ratings), in the order of `ratings`. A rating without a
        curve (the bank lends to none of it) takes the curve of the nearest better rating.
        """
        curve_of = [self._nearest_curve(rating) for rating in ratings]
        # einsum and not matmul: its sum runs in one order on any number of cores.
        mixed = np.einsum("nr,rk->nk", probabilities, self.take_up(rates_annual)[curve_of])
        return np.asarray(mixed, dtype=np.float64)

    def _nearest_curve(self, rating: str) -> int:
        better = [index for index, name in enumerate(self.ratings) if name <= rating]
        return better[-1] if better else 0


def assumed_curves(on: date) -> ResponseCurves:
    """The one curve of `parameters/response.yaml`, with a finding that says so."""
    pairs = read_parameters("response", on)["lost_share"].value
    curves = ResponseCurves.from_rows([(ANY_RATING, rate, lost) for rate, lost in pairs])
    finding = Finding(
        CURVES_ASSUMED,
        Severity.WARNING,
        WHERE,
        "The folder does not say how many customers leave at which rate, so an assumed curve "
        "serves for every firm.",
        "Bring a table of rating, annual rate and share of customers lost.",
    )
    return replace(curves, findings=(finding,))


def _points(rows: Iterable[tuple[str, float, float]]) -> dict[str, dict[float, float]]:
    points: dict[str, dict[float, float]] = {}
    for rating, rate_annual, lost_share in rows:
        for name, share in (("rate", rate_annual), ("lost share", lost_share)):
            _check_share(name, rating, share)
        if rate_annual in points.setdefault(rating, {}):
            raise problem(
                "repeated-rate",
                WHERE,
                f"Rating {rating} has two rows for the rate {rate_annual:.2%}.",
                "Keep one row for each rating and rate.",
            )
        points[rating][rate_annual] = lost_share
    if not points:
        raise problem(
            "no-response-curves",
            WHERE,
            "There are no rows, so how many customers accept a rate is unknown.",
            "Bring a table of rating, annual rate and share of customers lost.",
        )
    return points


def _check_share(name: str, rating: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise problem(
            "share-out-of-range",
            WHERE,
            f"A {name} of rating {rating} is {share:g}, outside 0 to 1.",
            "Write shares, not percentages: 0.04 for 4 %.",
        )


def _fit_curve(rating: str, points: dict[float, float]) -> tuple[ResponseCurve, Finding | None]:
    if len(points) < 2:
        raise problem(
            "lone-rate",
            WHERE,
            f"Rating {rating} has only one rate, so there is no curve.",
            "Bring at least two rates for each rating.",
        )
    rates = np.array(sorted(points), dtype=np.float64)
    observed = np.array([1 - points[rate] for rate in sorted(points)], dtype=np.float64)
    smooth = np.asarray(isotonic_regression(observed, increasing=False).x, dtype=np.float64)
    curve = ResponseCurve(rates, smooth)
    moved = int(np.count_nonzero(~np.isclose(smooth, observed, rtol=0, atol=1e-12)))
    if not moved:
        return curve, None
    return curve, Finding(
        "response-curve-smoothed",
        Severity.NOTE,
        WHERE,
        f"Rating {rating}: take-up rises with the rate at some points, by at most "
        f"{np.abs(smooth - observed).max():.4f} from a falling curve.",
        "The nearest falling curve is used.",
        moved,
    )
