"""Problems in data as values: collected, counted and reported together, never thrown."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters to whoever must act on it."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: what it is, where it stands, and what to do about it.

    `code` is stable and lower case, `where` a file and, if known, a row; `rows` counts the rows
    that share the problem.
    """

    code: str
    severity: Severity
    where: str
    message: str
    remedy: str
    rows: int = 1

    def line(self) -> str:
        """The finding as one line for a terminal."""
        return f"{self.severity}: {self.where}: {self.message} {self.remedy}".rstrip()


class InputProblem(Exception):
    """Input that the job cannot go on with; carries every finding that says why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.line() for finding in self.findings))


def problem(code: str, where: str, message: str, remedy: str) -> InputProblem:
    """An `InputProblem` of a single error."""
    return InputProblem([Finding(code, Severity.ERROR, where, message, remedy)])


def counted(number: int, noun: str) -> str:
    """A number of things in words: `1 row`, `1,200 rows`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
