"""What several sources tell of one debt, or of what may be one: said, so that nothing is doubled.

A debt is known again by its number and by what does not change of it (`Rows.one_by`). Where one of
these differs or is not stated nobody can tell whether it is one debt or two: both count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tradeline.creditfile.file.file_rows import stated_sql
from tradeline.creditfile.file.row_sql import lasts_of
from tradeline.creditfile.file.subject import Subject
from tradeline.kernel.findings import Finding, Severity
from tradeline.kernel.texts import clean
from tradeline.lake.reading import parsed

NAMED_MOST = 5
"""How many of one kind a note names."""

THINGS = {
    "loans": "loan",
    "obligations": "obligation",
    "bank_transactions": "account",
    "owners": "owner",
}
WHO = "string_agg(DISTINCT {who}, ', ' ORDER BY {who})"
SEVERAL = "count(DISTINCT (source, enterprise)) > 1"


@dataclass(frozen=True, slots=True)
class _Alike:
    """Things of one contract that are alike: their numbers, and who tells of them."""

    contract: str
    numbers: str
    who: str
    rows: int

    def __str__(self) -> str:
        return f"{THINGS[self.contract]} {clean(self.numbers, 60)} ({clean(self.who, 60)})"


def told_twice(subject: Subject) -> tuple[Finding, ...]:
    """What counts once though several tell of it, and what may be told twice and counts twice."""
    once, by_number, by_terms = [], [], []
    for contract in (name for name in THINGS if name in subject.told):
        for place, (_, last_of, one_by) in enumerate(lasts_of(contract)):
            numbers = " || ' ' || ".join(f"CAST({column} AS VARCHAR)" for column in last_of)
            if one_by:
                group = (*last_of, *one_by)
                known = f"latest_{place} AND {stated_sql(group)}"
                once += _alike(subject, contract, numbers, known, group, SEVERAL)
                known = f"last_{place} AND {stated_sql(one_by)}"
                several = f"{SEVERAL} AND count(DISTINCT {numbers}) > 1"
                by_terms += _alike(subject, contract, numbers, known, one_by, several)
            known = f"last_{place} AND {stated_sql(last_of)}"
            by_number += _alike(subject, contract, numbers, known, last_of, SEVERAL)
    return tuple(_findings(subject.enterprise, once, by_number, by_terms))


def _alike(
    subject: Subject, contract: str, numbers: str, known: str, by: Sequence[str], several: str
) -> list[_Alike]:
    several_members = len(subject.members.same) > 1
    who = "concat(source, ' of ', enterprise)" if several_members else "source"
    sql = (
        f"SELECT {WHO.format(who=numbers)}, {WHO.format(who=who)}, count(*) "
        f"FROM file_{contract} WHERE stands AND {known} "
        f"GROUP BY {', '.join(by)} HAVING {several} ORDER BY 1, 2"
    )
    rows = subject.connection.execute(parsed(sql)).fetchall()
    return [_Alike(contract, *row) for row in rows]


def _findings(
    firm: str, once: Sequence[_Alike], by_number: Sequence[_Alike], by_terms: Sequence[_Alike]
) -> Iterator[Finding]:
    if once:
        yield Finding(
            "told-twice",
            Severity.NOTE,
            firm,
            f"Several sources tell of one debt, and it counts once: {_named(once)}. Its number "
            "and terms agree.",
            "The strongest last word counts, then the latest.",
            sum(each.rows for each in once),
        )
    maybe = (
        ("same-number", by_number, "one number, but what else is known does not show that"),
        (
            "same-terms",
            by_terms,
            "the same terms under different numbers, which does not show that",
        ),
    )
    for code, found, alike in maybe:
        if found:
            yield Finding(
                f"maybe-told-twice-{code}",
                Severity.WARNING,
                firm,
                f"Several sources tell of what has {alike} it is one thing, so each counts: "
                f"{_named(found)}.",
                "If it is one, contest the record that repeats the other.",
                sum(each.rows for each in found),
            )


def _named(found: Sequence[_Alike]) -> str:
    more = len(found) - NAMED_MOST
    named = "; ".join(map(str, found[:NAMED_MOST]))
    return f"{named}; and {more} more" if more > 0 else named
