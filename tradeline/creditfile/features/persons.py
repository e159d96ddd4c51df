"""Which measures and features read what the lake keeps of natural persons."""

import re

from tradeline.creditfile.features.declaration import Feature, measures_of
from tradeline.creditfile.features.fragments import fragment
from tradeline.creditfile.features.measures import Measure, contracts_of
from tradeline.lake.records import personal_columns


def reads_personal(measure: Measure) -> bool:
    """Whether a measure reads what the lake keeps of natural persons."""
    step = fragment(measure)
    text = " ".join([step.outer, *step.grain, *step.inner, *step.across, *step.joins])
    personal = {name for contract in contracts_of(measure) for name in personal_columns(contract)}
    return not personal.isdisjoint(re.findall(r"\w+", text))


def reads_persons(feature: Feature) -> bool:
    """Whether a feature reads personal values."""
    return any(map(reads_personal, measures_of(feature.expression)))
