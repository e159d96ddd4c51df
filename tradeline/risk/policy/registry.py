"""A folder that keeps every version of policies, and the log of their steps.

`life.jsonl` is the log; `policies/` holds the text of each version under its hash, so that a past
decision can be replayed. One writer at a time; what a killed writer leaves is a text that no line
names.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from tradeline.kernel.chain import BEGINNING, chained_line, read_chain
from tradeline.kernel.findings import problem
from tradeline.risk.policy.declaration import Declaration
from tradeline.risk.policy.life import (
    Life,
    State,
    Step,
    Version,
    require_possible,
    step_content,
    step_of,
)
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.reading import checked_policy, read_policy
from tradeline.risk.policy.writing import declaration_hash, write_policy

LOG = "life.jsonl"
TEXTS = "policies"
REMEDY = "Bring the registry back from a copy; what stands before this line is sound."


@dataclass(frozen=True, slots=True)
class Registry:
    """The lives of all policies in a folder, by name."""

    folder: Path
    lives: dict[str, Life]

    def life(self, name: str) -> Life:
        """The life of a policy; one that nobody told of has no steps."""
        return self.lives.get(name, Life(name))

    def policy(self, version: Version) -> Policy:
        """The policy of a version; InputProblem if its text is gone or another."""
        path = text_path(self.folder, version.hash)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise problem("no-file", str(path), "The text of this version is gone.",
                          "Bring the registry back from a copy.") from None  # fmt: skip
        found = read_policy(text, path.name)
        if found.hash != version.hash:
            raise problem("policy-changed", str(path),
                          "The text is not that of the version: its hash does not fit.",
                          "Bring the registry back from a copy.")  # fmt: skip
        return found


def read_registry(folder: Path) -> Registry:
    """The registry in a folder; InputProblem if there is none, or its log is not whole."""
    path = folder / LOG
    if not path.exists():
        raise problem("no-registry", str(folder), "There is no registry of policies.",
                      "`tradeline policy advance` begins one.")  # fmt: skip
    return _registry(folder, path.read_text(encoding="utf-8", errors="replace"))


def _known(folder: Path) -> Registry:
    """The registry in a folder, an empty one where there is none yet."""
    return read_registry(folder) if (folder / LOG).exists() else Registry(folder, {})


def advance(
    folder: Path,
    declaration: Declaration,
    step: Step,
) -> Registry:
    """The registry after one more step; InputProblem if it may not be taken, and nothing changes.

    Every step but a draft's and a retirement needs a policy whose tables are proven.
    """
    if step.to not in (State.DRAFT, State.RETIRED):
        checked_policy(declaration, f"{declaration.name} {declaration.version}")
    require_possible(_known(folder).life(declaration.name), step)
    (folder / TEXTS).mkdir(parents=True, exist_ok=True)
    with (folder / LOG).open("a+", encoding="utf-8") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.seek(0)
        text = log.read()
        require_possible(_registry(folder, text).life(declaration.name), step)
        _keep_text(folder, declaration)
        lines = read_chain(text, LOG, REMEDY)
        previous = lines[-1]["hash"] if lines else BEGINNING
        line = chained_line(previous, len(lines) + 1, step_content(step))
        log.write(line)
        log.flush()
        os.fsync(log.fileno())
    return _registry(folder, text + line)


def version_of(declaration: Declaration) -> Version:
    """What the log keeps of a declaration."""
    return Version(
        declaration.name,
        declaration.version,
        declaration_hash(declaration),
        declaration.valid_from,
        declaration.valid_to,
        declaration.persons_to_go_live,
    )


def text_path(folder: Path, policy_hash: str) -> Path:
    """Where the text of a version stands."""
    return folder / TEXTS / f"{policy_hash.removeprefix('sha256:')}.yaml"


def _keep_text(folder: Path, declaration: Declaration) -> None:
    path = text_path(folder, declaration_hash(declaration))
    if not path.exists():
        aside = path.with_suffix(".part")
        aside.write_text(write_policy(declaration), encoding="utf-8")
        aside.replace(path)


def _registry(folder: Path, text: str) -> Registry:
    lives: dict[str, Life] = {}
    for content in read_chain(text, LOG, REMEDY):
        step = step_of(content)
        name = step.version.policy
        lives[name] = Life(name, (*lives.get(name, Life(name)).steps, step))
    return Registry(folder, lives)
