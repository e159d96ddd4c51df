"""Options that several commands share, and how they are read."""

from datetime import date
from pathlib import Path

from tradeline.kernel.findings import InputProblem, problem

LONGEST_NUMBER = 18


def parse_date(text: str, option: str = "--as-of") -> date:
    """The day that an option states; InputProblem if it is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError as refusal:
        raise problem(
            "bad-date", option, f"'{text}' is no date.", "Write it like 2024-12-31."
        ) from refusal


def parse_budget(text: str) -> int:
    """The amount of `--budget` in currency units; InputProblem if it is no whole number."""
    plain = text.strip().replace(",", "").replace("_", "")
    digits = plain.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise _bad_budget(f"'{text}' is no whole number of currency units.")
    if len(digits) > LONGEST_NUMBER:
        raise _bad_budget("There is not that much money.")
    return int(plain)


def _bad_budget(message: str) -> InputProblem:
    return problem("bad-budget", "--budget", message, "Write it like 100000000.")


def require_new(path: Path, option: str, earlier: str = "") -> None:
    """Raise InputProblem where an option names a file that is there, or a folder that is not.

    A file that starts with `earlier` is one of ours, and may be replaced.
    """
    if not path.parent.is_dir():
        message = f"The folder {path.parent} does not exist."
        raise problem("no-folder", option, message, "Make it, or name a file in another one.")
    if path.is_file() and earlier:
        with path.open("rb") as stream:
            if stream.read(len(earlier.encode())) == earlier.encode():
                return
    if path.exists():
        what = "a folder" if path.is_dir() else "a file"
        raise problem(
            "file-in-the-way",
            option,
            f"There is {what} called {path} already.",
            "Name a new file, or remove that one.",
        )
