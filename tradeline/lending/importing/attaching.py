"""Whether what a folder attaches to loans makes sense: its rows, their loans, their grades."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from math import lcm
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lending.end_of_day.attached import OF_ADVANCES, OF_ALL_LENDERS, read_row, wrong_rows
from tradeline.lending.end_of_day.columns import GUIDE
from tradeline.lending.end_of_day.curves import Curve, kept_curves
from tradeline.lending.end_of_day.folder import LOG, landed_curves, landings
from tradeline.lending.end_of_day.standing import NEVER
from tradeline.lending.importing.reading import Row, Tables
from tradeline.lending.participation.agreement import Agreement, checked

FINEST = 10**6


def known_grades(root: Path, curves: Sequence[Curve]) -> set[str]:
    """Grades that have PDs in a portfolio, if there is one, or among curves that are to land."""
    kept: tuple[Curve, ...] = ()
    if (root / LOG).is_dir():
        kept = kept_curves(landed_curves(root, landings(root)), NEVER)
    return {each.grade for each in (*kept, *curves)}


def wrong_attachments(
    tables: Tables,
    currencies: Mapping[str, str],
    advances: AbstractSet[str],
    grades: AbstractSet[str],
) -> Iterator[Finding]:
    """All that is wrong with attached rows of loans, whose currencies stand by their ids.

    `advances` are those that are repaid by a share of sales.
    """
    stated = {**tables.loans, **tables.advances}
    for name, of in tables.attached.items():
        for loan, rows in of.items():
            if loan not in currencies:
                yield Finding(
                    "unknown-loan", Severity.ERROR, name,
                    f"Loan {loan} is not among the loans.", "Add it there, or take its rows out.",
                )  # fmt: skip
                continue
            wrong = wrong_rows(name, rows, currencies[loan], f"loan {loan}")
            yield from wrong
            if name != "participations" and (name in OF_ADVANCES) != (loan in advances):
                kind = "an advance" if loan in advances else "a loan"
                yield Finding(
                    "misplaced", Severity.ERROR, f"loan {loan}",
                    f"It is {kind}, which has no `{name}`.", "Take its rows out.",
                )  # fmt: skip
            if name == "ratings":
                yield from _without_pds(loan, rows, grades)
            if name == "participations" and not wrong:
                yield from _no_agreement(loan, stated.get(loan), rows)
                yield from _at_odds(loan, rows, currencies[loan])


def _without_pds(loan: str, rows: Sequence[Row], grades: AbstractSet[str]) -> Iterator[Finding]:
    for grade in sorted({row["grade"] for row in rows} - grades - {""}):
        yield Finding(
            "no-pds", Severity.ERROR, f"loan {loan}",
            f"It is rated {grade}, a grade without PDs.",
            f"Add its PDs to the table `pds`. {GUIDE}",
        )  # fmt: skip


def _at_odds(loan: str, rows: Sequence[Row], currency: str) -> Iterator[Finding]:
    """What lenders say of all of them, and say differently."""
    read = [read_row("participations", row, currency, loan) for row in rows]
    for column in OF_ALL_LENDERS:
        said = [each[column] for each, row in zip(read, rows, strict=True) if row.get(column)]
        if any(each != said[0] for each in said):
            yield Finding(
                "lenders-at-odds", Severity.ERROR, f"loan {loan}",
                f"Its lenders state different values of `{column}`.",
                "State what holds for all of them once, or in each row the same.",
            )  # fmt: skip


def _no_agreement(loan: str, texts: Row | None, rows: Sequence[Row]) -> Iterator[Finding]:
    """Why lenders do not share a loan as it is stated."""
    if texts is None:
        yield Finding(
            "shared-later", Severity.ERROR, f"loan {loan}",
            "Its lenders are stated when it is imported, and do not change here.",
            "Leave its rows of `participations` out.",
        )  # fmt: skip
        return
    shares = tuple((row["lender"], Fraction(row["share"])) for row in rows)
    try:
        checked(Agreement(shares))
    except InputProblem as refusal:
        for each in refusal.findings:
            yield Finding(each.code, each.severity, f"loan {loan}", each.message, each.remedy)
        return
    if texts["lender"] not in dict(shares):
        yield Finding(
            "no-lead", Severity.ERROR, f"loan {loan}",
            f"Its lender {texts['lender']} has no share in it.",
            "Name the lender that leads among its participations.",
        )  # fmt: skip
    if lcm(*(share.denominator for _, share in shares)) > FINEST:
        yield Finding(
            "shares-too-fine", Severity.ERROR, f"loan {loan}",
            f"Its shares have no common denominator up to {FINEST:,}.",
            "State rounder shares.",
        )  # fmt: skip
