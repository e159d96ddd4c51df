"""What quality is measured against: promises of sources, who feeds them, windows, tolerances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tradeline.kernel.findings import problem
from tradeline.lake.records import Assurance

BORROWER = "borrower"
"""The origin of all that a firm says of itself, under whatever name it comes."""


@dataclass(frozen=True, slots=True)
class QualityTerms:
    """The stated numbers of `parameters/quality.yaml`, and what is known of the sources.

    `promise_days` holds for a source that promised nothing itself; `promises` says how often a
    source tells something new, `fed_by` from whom it has what it tells. `window_days` is by rule of
    reconciliation; `total_tolerance_percent` bounds how far one sum may lie above another.
    """

    promise_days: int
    rhythm_steps_min: int
    tolerance_minor: int
    total_tolerance_percent: int
    window_days: Mapping[str, int]
    promises: Mapping[str, timedelta] = field(default_factory=dict)
    fed_by: Mapping[str, str] = field(default_factory=dict)

    def promise_seconds(self, source: str) -> int:
        """Within how many seconds a source is to tell of what occurred."""
        promised = self.promises.get(source, timedelta(days=self.promise_days))
        return promised // timedelta(seconds=1)


def origins(assurances: Mapping[str, str], fed_by: Mapping[str, str]) -> dict[str, str]:
    """Who is behind each source: the end of the chain of `fed_by`; `borrower` if self-declared.

    `assurances` is by source. Sources of one origin are one source. InputProblem if sources feed
    each other in a circle.
    """
    return {source: _origin(source, assurances, fed_by) for source in sorted(assurances)}


def _origin(source: str, assurances: Mapping[str, str], fed_by: Mapping[str, str]) -> str:
    chain = [source]
    while chain[-1] in fed_by:
        following = fed_by[chain[-1]]
        if following in chain:
            raise problem(
                "fed-in-a-circle",
                source,
                f"Sources feed each other in a circle: {' <- '.join([*chain, following])}.",
                "Say who told it first.",
            )
        chain.append(following)
    declared = assurances.get(chain[-1]) == Assurance.SELF_DECLARED
    return BORROWER if declared else chain[-1]
