"""The shape in which a source tells a contract, and what may change about it from batch to batch.

The log entry of each batch keeps its shape, so that it is chained by hash like all else. Widening
passes and is said; whatever would give the same name to something else stops.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.lake.contracts import BY_NAME, Contract, Kind

# From the narrowest to the widest; a form without an order is only ever itself.
WHOLE, DECIMAL = "whole", "decimal"
DAY, TIME, ZONED = "day", "time", "time with zone"
EMPTY = "empty"
WIDTHS = {WHOLE: 0, DECIMAL: 1, DAY: 0, TIME: 1, ZONED: 2}
CONSTANT = "(one value for all rows)"
CLOCKS = ("occurred_at", "recorded_at")
# A part of the rows that may be slips of the pen, and how many rows are none.
STRAY_SHARE = 0.01
FEW = 2


@dataclass(frozen=True, slots=True)
class FieldShape:
    """Whence a field comes, by the names of the file's columns, and how its values are written."""

    origins: tuple[str, ...]
    form: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """Rows of a contract that were refused because of one field: of how many, and what stood there.

    `values` are the values that stood in most of the rows, and in how many.
    """

    contract: str
    field: str
    rows: int
    of: int
    values: tuple[tuple[str, int], ...]


Shape = Mapping[str, FieldShape]
Shapes = Mapping[str, Shape]


def joined(shapes: Iterable[Shapes]) -> dict[str, dict[str, FieldShape]]:
    """What shapes allow together: by contract and field every origin, and the widest form."""
    known: dict[str, dict[str, FieldShape]] = {}
    for shape in shapes:
        for contract, fields in shape.items():
            held = known.setdefault(contract, {})
            for name, new in fields.items():
                held[name] = _wider(held[name], new) if name in held else new
    return known


def _wider(old: FieldShape, new: FieldShape) -> FieldShape:
    origins = tuple(sorted({*old.origins, *new.origins}))
    kept = new.form == EMPTY or WIDTHS.get(new.form, 0) < WIDTHS.get(old.form, 0)
    return FieldShape(origins, old.form if kept else new.form)


def changes(known: Shapes, new: Shapes, misfits: Iterable[Misfit]) -> list[Finding]:
    """What a batch changes about the shape that its source is known by; errors must stop it."""
    found = [
        change
        for name, fields in new.items()
        if name in known
        for change in _changes(BY_NAME[name], known[name], fields)
    ]
    return found + [
        _narrowed(misfit, known[misfit.contract][misfit.field])
        for misfit in misfits
        if misfit.field in known.get(misfit.contract, {}) and not _stray(misfit)
    ]


def _changes(contract: Contract, known: Shape, new: Shape) -> Iterator[Finding]:
    for name, shape in new.items():
        if name not in known:
            yield _note("new-column", contract, name, f"is told too, by {_named(shape)}; "
                        "earlier batches left it empty")  # fmt: skip
        else:
            yield from _change(contract, name, known[name], shape)
    for name in known:
        if name not in new:
            yield _note("left-out-column", contract, name, "is left out; earlier batches told it "
                        f"by {_named(known[name])}")  # fmt: skip


def _change(contract: Contract, name: str, old: FieldShape, new: FieldShape) -> Iterator[Finding]:
    if not set(new.origins) <= set(old.origins):
        if name in (*contract.key, *CLOCKS):
            yield _moved(contract, name, old, new)
        else:
            said = f"comes from {_named(new)}; it came from {_named(old)}"
            yield _note("renamed-column", contract, name, said)
    before, after = WIDTHS.get(old.form), WIDTHS.get(new.form)
    if before is None or after is None or before == after:
        return
    if after > before:
        said = f"is written as {new.form}; it was written as {old.form}"
        yield _note("widened-type", contract, name, said)
    elif old.form == ZONED:
        yield Finding(
            "narrowed-type",
            Severity.ERROR,
            f"{contract.name}.{name}",
            f"It was written as {old.form} and is now written as {new.form}, by {_named(new)}: "
            "what it tells would shift.",
            "Have the source write it as before, or land it under a source name of its own.",
        )


def _moved(contract: Contract, name: str, old: FieldShape, new: FieldShape) -> Finding:
    clock = name in CLOCKS
    return Finding(
        "clock-changed" if clock else "key-changed",
        Severity.ERROR,
        f"{contract.name}.{name}",
        f"The {'clock' if clock else 'key'} came from {_named(old)} and now comes from "
        f"{_named(new)}: " + ("times" if clock else "rows told before") + " could not be compared.",
        "Map it to the column it came from, or land it under a source name of its own.",
    )


def _note(code: str, contract: Contract, name: str, said: str) -> Finding:
    return Finding(code, Severity.NOTE, f"{contract.name}.{name}", f"It {said}.", "")


def _named(shape: FieldShape) -> str:
    named = " and ".join(map(repr, shape.origins))
    return CONSTANT if shape.origins == (CONSTANT,) else f"the column {named}"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _stray(misfit: Misfit) -> bool:
    """Whether the rows may be slips of the pen: few, or of a choice each another value."""
    if BY_NAME[misfit.contract].field(misfit.field).kind is Kind.CHOICE:
        return all(rows < FEW for _, rows in misfit.values)
    return misfit.rows < FEW or misfit.rows <= STRAY_SHARE * misfit.of


def _narrowed(misfit: Misfit, old: FieldShape) -> Finding:
    field = BY_NAME[misfit.contract].field(misfit.field)
    shown = ", ".join(repr(value) for value, _ in misfit.values[:3])
    where, rows = f"{misfit.contract}.{misfit.field}", counted(misfit.rows, "row")
    if field.kind is Kind.CHOICE:
        return Finding(
            "unknown-choice",
            Severity.ERROR,
            where,
            f"{_sentence(_named(old))} held {', '.join(field.choices)} and now also {shown}, in "
            f"{rows} of {misfit.of:,}.",
            "Say under `values` in a mapping which of the allowed values is meant.",
            misfit.rows,
        )
    return Finding(
        "narrowed-type",
        Severity.ERROR,
        where,
        f"{_sentence(_named(old))} was written as {old.form} and now holds {shown} and their "
        f"like, in {rows} of {misfit.of:,}.",
        "Mend the source, or say in a mapping how its dates and amounts are written.",
        misfit.rows,
    )


def vanished(
    known: Shapes, mapped: Iterable[str], files: Mapping[str, tuple[str, ...]]
) -> list[Finding]:
    """The required columns that files lack which would else be what the source told before.

    `mapped` are the contracts that the batch tells, `files` those that fit none, with their
    columns.
    """
    found = []
    for name in sorted(known.keys() - set(mapped)):
        contract = BY_NAME[name]
        needed = {
            field.name: known[name][field.name].origins
            for field in contract.fields
            if field.required and field.name in known[name]
        }
        for file, columns in files.items():
            lost = {
                f: o for f, o in needed.items() if o != (CONSTANT,) and not set(o) & set(columns)
            }
            if lost and len(lost) <= len(needed) // 2:
                found += [_lost(contract, file, columns, *item) for item in lost.items()]
    return found


def _lost(
    contract: Contract, file: str, columns: tuple[str, ...], name: str, origins: tuple[str, ...]
) -> Finding:
    return Finding(
        "column-vanished",
        Severity.ERROR,
        f"{file}: {contract.name}.{name}",
        f"It came from {_named(FieldShape(origins, ''))}, which the file no longer has: it has "
        f"{', '.join(map(repr, columns))}.",
        "Send the column, or map the one that took its place.",
    )
