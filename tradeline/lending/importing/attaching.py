"""Whether what a folder attaches to loans makes sense: its rows, their loans, their grades."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.end_of_day.attached import wrong_rows
from tradeline.lending.end_of_day.columns import GUIDE
from tradeline.lending.end_of_day.curves import Curve, kept_curves
from tradeline.lending.end_of_day.folder import LOG, landed_curves, landings
from tradeline.lending.end_of_day.standing import NEVER
from tradeline.lending.importing.reading import Row, Tables


def known_grades(root: Path, curves: Sequence[Curve]) -> set[str]:
    """Grades that have PDs in a portfolio, if there is one, or among curves that are to land."""
    kept: tuple[Curve, ...] = ()
    if (root / LOG).is_dir():
        kept = kept_curves(landed_curves(root, landings(root)), NEVER)
    return {each.grade for each in (*kept, *curves)}


def wrong_attachments(
    tables: Tables, currencies: Mapping[str, str], grades: AbstractSet[str]
) -> Iterator[Finding]:
    """All that is wrong with attached rows of loans, whose currencies are stated by their ids."""
    for name, of in tables.attached.items():
        for loan, rows in of.items():
            if loan not in currencies:
                yield Finding(
                    "unknown-loan", Severity.ERROR, name,
                    f"Loan {loan} is not among the loans.", "Add it there, or take its rows out.",
                )  # fmt: skip
                continue
            yield from wrong_rows(name, rows, currencies[loan], f"loan {loan}")
            if name == "ratings":
                yield from _without_pds(loan, rows, grades)


def _without_pds(loan: str, rows: Sequence[Row], grades: AbstractSet[str]) -> Iterator[Finding]:
    for grade in sorted({row["grade"] for row in rows} - grades - {""}):
        yield Finding(
            "no-pds", Severity.ERROR, f"loan {loan}",
            f"It is rated {grade}, a grade without PDs.",
            f"Add its PDs to the table `pds`. {GUIDE}",
        )  # fmt: skip
