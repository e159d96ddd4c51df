"""Options that several commands share, and how they are read."""

from datetime import date

from tradeline.kernel.findings import problem


def parse_date(text: str) -> date:
    """The day of `--as-of`; InputProblem if it is no day."""
    try:
        return date.fromisoformat(text)
    except ValueError as refusal:
        raise problem(
            "bad-date", "--as-of", f"'{text}' is no date.", "Write it like 2024-12-31."
        ) from refusal
