"""Names, texts and numbers of two tables that say little of what a record is, or may deceive."""

from collections.abc import Iterator

from tradeline.creditfile.linkage.doubtful_identifiers import IdentifierTerms, number_findings
from tradeline.creditfile.linkage.doubtful_names import name_findings
from tradeline.creditfile.linkage.scripts import LONGEST_NAME
from tradeline.creditfile.linkage.tables.files import DataTable
from tradeline.creditfile.linkage.tables.mapping import LinkMapping
from tradeline.creditfile.linkage.tables.values import LONGEST, NORMAL_FORMS, plain_text
from tradeline.kernel.findings import Finding

NAMES = ("company_name", "person_name")
LONGEST_READ = {"company_name": LONGEST_NAME}
"""By kind how many signs of a value are compared, where they are fewer than of others."""


def doubts(
    left: DataTable, right: DataTable, mapping: LinkMapping, terms: IdentifierTerms
) -> tuple[Finding, ...]:
    """What is wrong with the texts and identifiers that a completed mapping compares."""
    found = list(_of_side(left, mapping, 0, terms))
    if right is not left:
        found += _of_side(right, mapping, 1, terms)
    return tuple(found)


def _of_side(
    table: DataTable, mapping: LinkMapping, side: int, terms: IdentifierTerms
) -> Iterator[Finding]:
    for choice in mapping.fields:
        for column in (choice.left, choice.right)[side]:
            where = f"{table.name}, column '{column}'"
            if NORMAL_FORMS[str(choice.kind)] is plain_text:
                noun = "name" if choice.kind in NAMES else "value"
                longest = LONGEST_READ.get(str(choice.kind), LONGEST)
                yield from name_findings(table.columns[column], where, noun, longest)
            elif choice.kind == "identifier":
                yield from number_findings(table.columns[column], where, terms)
