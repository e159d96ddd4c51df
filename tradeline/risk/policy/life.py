"""The life of a policy: from draft to retirement, each step with who, why and when.

The steps of all versions stand in one log that only grows. Who is in force at a moment follows from
it, and from the days on which versions are valid: of the versions that are live the one that went
live last and is valid that day is the champion. A version that needs several persons is live once
the last of them has said so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from math import fsum
from typing import Any

from tradeline.kernel.findings import InputProblem, problem

CHALLENGED_MAX = 0.5
"""The share that all challengers may have together: the champion keeps at least as much."""


class State(StrEnum):
    """Where a version of a policy stands."""

    DRAFT = "draft"
    CHECKED = "checked"
    SHADOW = "shadow"
    CHALLENGER = "challenger"
    LIVE = "live"
    RETIRED = "retired"


NEXT: dict[State | None, tuple[State, ...]] = {
    None: (State.DRAFT,),
    State.DRAFT: (State.CHECKED, State.RETIRED),
    State.CHECKED: (State.SHADOW, State.RETIRED),
    State.SHADOW: (State.CHALLENGER, State.LIVE, State.RETIRED),
    State.CHALLENGER: (State.CHALLENGER, State.SHADOW, State.LIVE, State.RETIRED),
    State.LIVE: (State.RETIRED,),
    State.RETIRED: (),
}
"""What may follow; a retired version that was live may go live again."""


@dataclass(frozen=True, slots=True)
class Version:
    """What the log keeps of a version beside its text; `hash` names what it says."""

    policy: str
    version: str
    hash: str
    valid_from: date
    valid_to: date | None
    persons_to_go_live: int

    def is_valid_on(self, day: date) -> bool:
        """Whether the version may be asked on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a version, said by one person at a moment (aware UTC).

    `share` and `experiment` are those of a challenger.
    """

    version: Version
    to: State
    who: str
    why: str
    at: datetime
    share: float = 0.0
    experiment: str = ""


@dataclass(frozen=True, slots=True)
class Challenger:
    """A version that decides on a share of the enterprises, and how large it is."""

    version: Version
    share: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Which versions of a policy do what at a moment; challengers in the order they began."""

    champion: Version
    challengers: tuple[Challenger, ...]
    shadows: tuple[Version, ...]
    experiment: str


@dataclass(frozen=True, slots=True)
class Life:
    """The steps of all versions of one policy, in order."""

    policy: str
    steps: tuple[Step, ...] = ()

    def state_of(self, version_hash: str) -> State | None:
        """Where a version stands after all steps; None before its draft."""
        step = self._last(None).get(version_hash)
        return step.to if step else None

    def was_live(self, version_hash: str) -> bool:
        """Whether a version has ever been live."""
        own = (step for step in self._effective(None)[0] if step.version.hash == version_hash)
        return any(step.to is State.LIVE for step in own)

    def asked_by(self, version_hash: str) -> tuple[str, ...]:
        """Who has said that a version may go live, while others still must."""
        return self._effective(None)[1].get(version_hash, ())

    def persons_needed(self, version: Version) -> int:
        """How many must say that a version may go live: as it says, or as the one before said."""
        live = [step for step in self._effective(None)[0] if step.to is State.LIVE]
        return _needed(version, live[-1].version if live else None)

    def challenging(self, at: datetime) -> tuple[Step, ...]:
        """The steps of the versions that are challengers at a moment."""
        return tuple(step for step in self._last(at).values() if step.to is State.CHALLENGER)

    def standing(self, at: datetime) -> Standing | None:
        """What each version does at a moment; None if none is in force, so nothing is decided."""
        day = at.astimezone(UTC).date()
        valid = [step for step in self._last(at).values() if step.version.is_valid_on(day)]
        live = [step.version for step in valid if step.to is State.LIVE]
        if not live:
            return None
        challenging = [step for step in valid if step.to is State.CHALLENGER]
        return Standing(
            live[-1],
            tuple(Challenger(step.version, step.share) for step in challenging),
            tuple(step.version for step in valid if step.to is State.SHADOW),
            challenging[0].experiment if challenging else "",
        )

    def _last(self, at: datetime | None) -> dict[str, Step]:
        """The step by which each version stands where it stood at a moment, in order."""
        last: dict[str, Step] = {}
        for step in self._effective(at)[0]:
            last.pop(step.version.hash, None)
            last[step.version.hash] = step
        return last

    def _effective(self, at: datetime | None) -> tuple[list[Step], dict[str, tuple[str, ...]]]:
        """The steps that took effect by a moment, and who asked for those that wait for others."""
        effective: list[Step] = []
        asked: dict[str, tuple[str, ...]] = {}
        champion: Version | None = None
        for step in self.steps:
            if at is not None and step.at > at:
                break
            if step.to is State.LIVE:
                persons = dict.fromkeys((*asked.get(step.version.hash, ()), step.who))
                if len(persons) < _needed(step.version, champion):
                    asked[step.version.hash] = tuple(persons)
                    continue
                champion = step.version
            asked.pop(step.version.hash, None)
            effective.append(step)
        return effective, asked


def _needed(version: Version, champion: Version | None) -> int:
    # A version cannot do away by itself with the second pair of eyes.
    return max(version.persons_to_go_live, champion.persons_to_go_live if champion else 1)


def require_possible(life: Life, step: Step) -> None:
    """InputProblem unless the step may follow the steps of a policy."""
    for refusal in _refusals(life, step):
        raise refusal


def _refusals(life: Life, step: Step) -> Iterator[InputProblem]:
    """What speaks against a step, the plainest first."""
    name = f"{step.version.policy} {step.version.version}"
    for option, text in (("--who", step.who), ("--why", step.why)):
        if not text.strip():
            yield _refusal(option, "Nothing is said.", "A step names a person and a reason.")
    if step.at.tzinfo is None:
        yield _refusal(
            "--at",
            f"{step.at.isoformat()} names no time zone.",
            "Write it like 2026-03-01T09:00:00Z.",
        )
    elif life.steps and step.at < life.steps[-1].at:
        yield _refusal(
            "--at",
            f"{step.at.isoformat()} lies before the last step, {life.steps[-1].at.isoformat()}.",
            "The log only grows.",
        )
    yield from _order(life, step, name)
    yield from _experiment(life, step)
    if step.to is State.LIVE:
        yield from _going_live(life, step, name)


def _order(life: Life, step: Step, name: str) -> Iterator[InputProblem]:
    same = (other.version.hash for other in life.steps
            if other.version.version == step.version.version)  # fmt: skip
    if any(known != step.version.hash for known in same):
        yield _refusal(
            "POLICY", f"Another text is known as {name}.", "Give this one a `version` of its own."
        )
    state = life.state_of(step.version.hash)
    following = NEXT[state]
    if state is State.RETIRED and life.was_live(step.version.hash):
        following = (State.LIVE,)
    if step.to not in following:
        stands = f"is {state}" if state else "is not known here"
        may = f"It may become {' or '.join(following)}." if following else "Give it a new version."
        yield _refusal("--to", f"{name} {stands}, so it cannot become {step.to}.", may)


def _experiment(life: Life, step: Step) -> Iterator[InputProblem]:
    if step.to is not State.CHALLENGER:
        if step.share or step.experiment:
            yield _refusal(
                "--share",
                "Only a challenger has a share and an experiment.",
                "Leave --share and --experiment out.",
            )
        return
    if not step.experiment.strip():
        yield _refusal("--experiment", "A challenger belongs to an experiment.", "Name it.")
    if not 0 < step.share <= CHALLENGED_MAX:
        yield _refusal(
            "--share",
            f"{step.share} is no share of a challenger.",
            f"Write one above 0 and up to {CHALLENGED_MAX}, such as 0.1.",
        )
    others = [taken for taken in life.challenging(step.at)
              if taken.version.hash != step.version.hash]  # fmt: skip
    if any(taken.experiment != step.experiment for taken in others):
        yield _refusal(
            "--experiment",
            f"The experiment {others[0].experiment} is under way.",
            "Challengers that run together share one experiment.",
        )
    together = fsum([step.share, *(taken.share for taken in others)])
    if together > CHALLENGED_MAX:
        yield _refusal(
            "--share",
            f"All challengers would have {together:g} together.",
            f"Leave the champion at least {1 - CHALLENGED_MAX:g}.",
        )


def _going_live(life: Life, step: Step, name: str) -> Iterator[InputProblem]:
    ends = step.version.valid_to
    if ends and step.at.astimezone(UTC).date() >= ends:
        yield _refusal("--to", f"{name} was valid until {ends}.", "Give it another `valid_to`.")
    if step.who in life.asked_by(step.version.hash):
        yield _refusal(
            "--who",
            f"{step.who} has said so already.",
            f"{name} needs {life.persons_needed(step.version)} persons to go live: another one "
            "must say so.",
        )


def _refusal(where: str, message: str, remedy: str) -> InputProblem:
    return problem("impossible-step", where, message, remedy)


def step_content(step: Step) -> dict[str, Any]:
    """A step as plain data for a line of the log."""
    version = step.version
    return {
        "policy": version.policy,
        "version": version.version,
        "policy_hash": version.hash,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "persons_to_go_live": version.persons_to_go_live,
        "to": str(step.to),
        "who": step.who,
        "why": step.why,
        "at": step.at.astimezone(UTC).isoformat(),
        "share": step.share,
        "experiment": step.experiment,
    }


def step_of(content: dict[str, Any]) -> Step:
    """The step that a line of the log tells."""
    ends = content["valid_to"]
    version = Version(
        content["policy"],
        content["version"],
        content["policy_hash"],
        date.fromisoformat(content["valid_from"]),
        date.fromisoformat(ends) if ends else None,
        content["persons_to_go_live"],
    )
    return Step(
        version,
        State(content["to"]),
        content["who"],
        content["why"],
        datetime.fromisoformat(content["at"]),
        content["share"],
        content["experiment"],
    )
