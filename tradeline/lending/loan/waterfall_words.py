"""The order of allocation in words: `past due: penalties, fees, interest, principal`."""

from collections.abc import Sequence
from itertools import product

from tradeline.lending.loan.amounts import Component
from tradeline.lending.loan.contract import Step, Timing

WANTED = (
    "lines of timings, a colon and components; each component of what is past due, due and in "
    "advance once"
)


def steps_of(lines: Sequence[str]) -> tuple[Step, ...] | None:
    """The steps that lines name, a line each; None unless each part is named once."""
    steps = [_step(line) for line in lines]
    found = [step for step in steps if step is not None]
    named = sorted(
        (timing, part) for step in found for timing in step.timings for part in step.components
    )
    whole = len(found) == len(steps) and named == sorted(product(Timing, Component))
    return tuple(found) if whole else None


def _step(line: str) -> Step | None:
    timings, _, components = line.partition(":")
    try:
        return Step(
            frozenset(Timing(word.strip()) for word in timings.split(",")),
            tuple(Component(word.strip()) for word in components.split(",")),
        )
    except ValueError:
        return None
