"""The exploration arm: a small random share of firms near the cut-off, approved in order to learn.

Of firms that are always declined nobody ever learns how they would have gone. Approving a known
share of them at random is the one cure that rests on no model. What it costs is bounded: no firm is
explored whose loss could bring the experiment's losses above its stop.

Chance is a hash of the experiment and the firm: the same firm gets the same answer whenever it is
asked, on any machine, and another experiment draws anew. What may befall a firm (the propensity)
goes into its record; it depends on what was known at the moment, never on the draw.
"""

import hashlib
from dataclasses import dataclass

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem

WHERE = "exploration"
# As many hashes there are: the first 8 bytes of each.
HASHES = 2**64


@dataclass(frozen=True, slots=True)
class ExplorationTerms:
    """Whom an experiment may approve: scores from and to (both within), and which share of them.

    `stop_loss_minor` bounds what the experiment may lose in all; `experiment` names it, and is the
    seed of its chance. Raises InputProblem that lists every term that makes no sense.
    """

    band: tuple[int, int]
    share: float
    stop_loss_minor: int
    experiment: str

    def __post_init__(self) -> None:
        """Refuse terms under which nobody could say what was allowed."""
        rules = (
            (
                [type(score) for score in self.band] == [int, int] and self.band[0] <= self.band[1],
                "band must be two whole scores, the lower first.",
            ),
            (
                type(self.share) in (int, float) and 0 <= self.share <= 1,
                "share must lie in 0 to 1.",
            ),
            (
                type(self.stop_loss_minor) is int and self.stop_loss_minor >= 0,
                "stop_loss_minor must be a whole number, 0 or more.",
            ),
            (
                type(self.experiment) is str
                and bool(self.experiment)
                and "\n" not in self.experiment,
                "experiment must have a name of one line.",
            ),
        )
        broken = [message for holds, message in rules if not holds]
        if broken:
            raise InputProblem(
                Finding("bad-term", Severity.ERROR, WHERE, message, "Mend the term.")
                for message in broken
            )


@dataclass(frozen=True, slots=True)
class Exploration:
    """Whether a firm is approved in order to learn, and the chance that it had of it."""

    explored: bool
    propensity: float


NOT_EXPLORED = Exploration(False, 0.0)


def explore(
    terms: ExplorationTerms, enterprise: str, score: int, *, spent_minor: int, at_stake_minor: int
) -> Exploration:
    """The answer for a firm that the policy would decline.

    `spent_minor` is what explored loans have lost so far and what those that still run could yet
    lose; `at_stake_minor` what this one could lose. Both are as known at the moment, so the losses
    of an experiment never pass its stop. Raises InputProblem for a score or an amount that is none.
    """
    _check(enterprise, score, spent_minor, at_stake_minor)
    lowest, highest = terms.band
    if not lowest <= score <= highest or spent_minor + at_stake_minor > terms.stop_loss_minor:
        return NOT_EXPLORED
    below = int(terms.share * HASHES)
    return Exploration(_hash(terms.experiment, enterprise) < below, below / HASHES)


def _hash(experiment: str, enterprise: str) -> int:
    digest = hashlib.sha256(f"{experiment}\n{enterprise}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _check(enterprise: str, score: int, spent_minor: int, at_stake_minor: int) -> None:
    whole = all(type(value) is int for value in (score, spent_minor, at_stake_minor))
    named = type(enterprise) is str and bool(enterprise)
    if not whole or min(spent_minor, at_stake_minor) < 0 or not named:
        raise problem(
            "not-explorable",
            WHERE,
            "Exploring needs a firm, a whole score, and whole amounts of 0 or more.",
            "Decline the firm, or give what is missing.",
        )
