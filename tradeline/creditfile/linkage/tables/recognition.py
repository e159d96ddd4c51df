"""Which columns of two tables tell of the same, and what kind each is, where no mapping says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from tradeline.creditfile.linkage.tables import values as forms
from tradeline.creditfile.linkage.tables.files import DataTable, column_called, no_column
from tradeline.creditfile.linkage.tables.kinds import SAMPLE, kind_of, name_words
from tradeline.creditfile.linkage.tables.mapping import GUIDE, FieldChoice, LinkMapping
from tradeline.creditfile.linkage.tables.values import plain_text
from tradeline.creditfile.linkage.tables.vectors import vectors
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem

ALIKE = 0.25
"""From this likeness of what they hold on, columns with different names are paired."""
MORE_ALIKE = 0.05
"""By so much a further column must make a pair more alike to join it."""
NAMED = 0.5
COLUMN_SAMPLE = 1_000
MEASURED = ("number", "date")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing that was not stated, and why it was taken so."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A mapping whose fields all have a kind, what was assumed, and what is odd."""

    mapping: LinkMapping
    assumptions: tuple[Assumption, ...]
    findings: tuple[Finding, ...]


def recognise(left: DataTable, right: DataTable, mapping: LinkMapping) -> Recognised:
    """Complete a mapping from the tables; InputProblem for unknown columns, or none to compare."""
    assumptions: list[Assumption] = []
    if mapping.fields:
        _require_columns(left, right, mapping)
        choices = tuple(_exact(left, right, choice) for choice in mapping.fields)
    else:
        paired = list(paired_columns(left, right))
        if not paired:
            raise _nothing_common(left, right)
        choices = tuple(choice for choice, _ in paired)
        assumptions += [Assumption(_pair_words(choice), why) for choice, why in paired]
    complete, findings = [], []
    for choice in choices:
        sides = [texts_of(left, choice.left), texts_of(right, choice.right)]
        finding = _emptiness(choice, sides, left, right)
        if finding:
            findings.append(finding)
            continue
        if choice.kind is None:
            kind = _common_kind(choice, sides)
            choice = replace(choice, kind=kind)
            assumptions.append(
                Assumption(f"{choice.name} is of kind {kind}", "by its values and name")
            )
        findings += _kind_doubts(choice, sides)
        complete.append(choice)
    if not complete:
        raise InputProblem([*_as_errors(findings)])
    return Recognised(replace(mapping, fields=tuple(complete)), tuple(assumptions), tuple(findings))


def texts_of(table: DataTable, columns: Sequence[str]) -> list[str]:
    """The text of each record: of several columns one after the other."""
    chosen = [table.columns[column] for column in columns]
    if len(chosen) == 1:
        return list(chosen[0])
    return [" ".join(part for part in parts if part) for parts in zip(*chosen, strict=True)]


def _require_columns(left: DataTable, right: DataTable, mapping: LinkMapping) -> None:
    found = [
        Finding("no-column", Severity.ERROR, f"field '{choice.name}'",
                no_column(table.name, column, table.columns), GUIDE)
        for choice in mapping.fields
        for table, columns in ((left, choice.left), (right, choice.right))
        for column in columns
        if column_called(table.columns, column) is None
    ]  # fmt: skip
    if found:
        raise InputProblem(found)


def _exact(left: DataTable, right: DataTable, choice: FieldChoice) -> FieldChoice:
    sides = [
        tuple(str(column_called(table.columns, column)) for column in columns)
        for table, columns in ((left, choice.left), (right, choice.right))
    ]
    return replace(choice, left=sides[0], right=sides[1])


def _emptiness(
    choice: FieldChoice, sides: Sequence[Sequence[str]], left: DataTable, right: DataTable
) -> Finding | None:
    for table, texts in zip((left, right), sides, strict=True):
        if not any(map(plain_text, texts)):
            return Finding(
                "field-empty",
                Severity.WARNING,
                f"field '{choice.name}'",
                f"All values are missing in {table.name}, so it is not compared.",
                "Name another column, or take the field out of the mapping.",
            )
    return None


def _as_errors(findings: Sequence[Finding]) -> Iterator[Finding]:
    for finding in findings:
        yield replace(finding, severity=Severity.ERROR)


def _kind_doubts(choice: FieldChoice, sides: Sequence[Sequence[str]]) -> Iterator[Finding]:
    """That most values of a field are not of the kind that is stated."""
    if choice.kind not in MEASURED:
        return
    read = forms.numbers if choice.kind == "number" else forms.days
    for texts in sides:
        told = [text for text in texts[:SAMPLE] if text]
        unread = float(np.isnan(read(told)).mean()) if told else 0.0
        if unread > 0.5:
            example = next(text for text in told if np.isnan(read([text])[0]))
            yield Finding(
                "wrong-kind",
                Severity.WARNING,
                f"field '{choice.name}'",
                f"It is compared as {choice.kind}, but {unread:.0%} of its values are none, such "
                f"as '{example[:40]}'.",
                "State another `kind` in the mapping, such as text.",
            )
            return


def _common_kind(choice: FieldChoice, sides: Sequence[Sequence[str]]) -> str:
    """The kind of both columns; text where they differ."""
    kinds = [
        kind_of(" ".join([choice.name, *columns]), texts)
        for columns, texts in zip((choice.left, choice.right), sides, strict=True)
    ]
    if kinds[0] == kinds[1]:
        return kinds[0]
    named = {kind for kind in kinds if kind not in ("text", "category")}
    return named.pop() if len(named) == 1 and not named & {"number", "date", "email"} else "text"


def _pair_words(choice: FieldChoice) -> str:
    left, right = " + ".join(choice.left), " + ".join(choice.right)
    return f"{choice.name}: '{left}' on the left with '{right}' on the right"


def _nothing_common(left: DataTable, right: DataTable) -> InputProblem:
    return problem(
        "nothing-common",
        f"{left.name} and {right.name}",
        f"No columns of the two tables look alike: {', '.join(left.columns)} and "
        f"{', '.join(right.columns)}.",
        f"Pair them in a mapping. {GUIDE}",
    )


def paired_columns(left: DataTable, right: DataTable) -> Iterator[tuple[FieldChoice, str]]:
    """Pairs of columns that tell of the same, and why: by their names, else by what they hold."""
    free = [_useful(table) for table in (left, right)]
    by_name = {_key(name): name for name in free[1]}
    for name in list(free[0]):
        other = by_name.get(_key(name))
        if other is not None and other in free[1]:
            free[0].remove(name)
            free[1].remove(other)
            yield FieldChoice(name, (name,), (other,)), "by name"
    if all(free):
        yield from _by_content(left, right, *free)


def _useful(table: DataTable) -> list[str]:
    """Columns that tell records apart: not their identifier, and not one value throughout."""
    return [
        name
        for name, values in table.columns.items()
        if name != table.id_column and len({value for value in values if value}) > 1
    ]


def _key(name: str) -> str:
    return "".join(name_words(name))


def _by_content(
    left: DataTable, right: DataTable, lefts: Sequence[str], rights: Sequence[str]
) -> Iterator[tuple[FieldChoice, str]]:
    """The pairs that are most alike in all; what is left over joins a pair that it completes."""
    alike = np.array(
        [[likeness_of_columns((one,), left, (other,), right) for other in rights] for one in lefts]
    )
    rows, columns = linear_sum_assignment(-alike)
    pairs: list[Paired] = [
        ((lefts[i],), (rights[j],), float(alike[i, j]))
        for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        if alike[i, j] >= ALIKE
    ]
    for one in lefts:
        if all((one,) != pair[0] for pair in pairs):
            pairs = _completed(pairs, 0, one, left, right)
    for other in rights:
        if all((other,) != pair[1] for pair in pairs):
            pairs = _completed(pairs, 1, other, left, right)
    for ours, theirs, score in pairs:
        yield FieldChoice(ours[0], ours, theirs), f"by what they hold ({score:.0%} alike)"


Paired = tuple[tuple[str, ...], tuple[str, ...], float]


def _completed(
    pairs: list[Paired], side: int, name: str, left: DataTable, right: DataTable
) -> list[Paired]:
    """The pairs, a column put beside that which it makes more alike to the other side."""
    order = list((left, right)[side].columns)
    best, gain = None, MORE_ALIKE
    for place, (ours, theirs, score) in enumerate(pairs):
        own = (ours, theirs)[side]
        joined = tuple(sorted((*own, name), key=order.index))
        sides = (joined, theirs) if side == 0 else (ours, joined)
        found = likeness_of_columns(sides[0], left, sides[1], right)
        if found - score > gain:
            best, gain = (place, (*sides, found)), found - score
    if best is not None:
        pairs[best[0]] = best[1]
    return pairs


def likeness_of_columns(
    ours: tuple[str, ...], left: DataTable, theirs: tuple[str, ...], right: DataTable
) -> float:
    """How alike two columns are, by the nearest value that each value finds on the other side.

    Numbers and days by how far their ranges overlap; words that both names share count too.
    """
    sides = [_sample(texts_of(left, ours)), _sample(texts_of(right, theirs))]
    kinds = [kind_of(" ".join(c), side) for c, side in zip((ours, theirs), sides, strict=True)]
    names = [frozenset(name_words(" ".join(columns))) for columns in (ours, theirs)]
    named = NAMED * len(names[0] & names[1]) / max(len(names[0] | names[1]), 1)
    if kinds[0] in MEASURED or kinds[1] in MEASURED:
        return named + _range_alike(kinds[0], *sides) if kinds[0] == kinds[1] else 0.0
    values = [tuple(dict.fromkeys(filter(None, map(plain_text, side)))) for side in sides]
    if not all(values):
        return 0.0
    blend = vectors([*values[0], *values[1]], np.ones(sum(map(len, values)), np.int64), False).blend
    met = (blend[: len(values[0])] @ blend[len(values[0]) :].T).tocsr()
    nearest = [float(met.max(axis=axis).toarray().mean()) for axis in (1, 0)]
    return named + float(np.mean(nearest))


def _sample(values: Sequence[str]) -> list[str]:
    told = [value for value in values if value]
    return told[:: max(len(told) // COLUMN_SAMPLE, 1)][:COLUMN_SAMPLE]


def _range_alike(kind: str, ours: Sequence[str], theirs: Sequence[str]) -> float:
    """The share of both ranges of numbers, from the tenth to the ninetieth of a hundred."""
    read = forms.numbers if kind == "number" else forms.days
    sides = [measures[~np.isnan(measures)] for measures in (read(ours), read(theirs))]
    if not all(map(len, sides)):
        return 0.0
    (low, high), (other_low, other_high) = (np.quantile(side, [0.1, 0.9]) for side in sides)
    whole = max(high, other_high) - min(low, other_low)
    shared = max(min(high, other_high) - max(low, other_low), 0.0)
    return 0.5 * float(shared / whole) if whole > 0 else 0.5
