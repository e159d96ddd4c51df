"""How the contracts are shown: text for a terminal, Markdown for the page of reference."""

from collections.abc import Sequence
from textwrap import fill

from tradeline.lake.contracts import FAMILIES, Contract, Field, Kind

TEXT_WIDTH = 100
MARKDOWN_COMMAND = "tradeline contracts --format markdown"
MARKDOWN_HEAD = f"""# Contracts

<!-- Made by `{MARKDOWN_COMMAND}`; change the declarations, not this page. -->

Every dataset that can be read. Amounts are written in currency units and kept as integers in minor
units, in a column that ends in `_minor`. Moments are UTC. Periods are half-open: `period_end` is
the first moment after the period. `occurred_at` is when a row was true and `recorded_at` when we
learned of it; a source with one clock may give that alone. The *key* makes a row unique: a later
row of the same key corrects the earlier one. A field marked *person* tells of a natural person.
Names are matched without regard to capitals, blanks and signs.
"""
MARKDOWN_COLUMNS = ("field", "kind", "unit", "needed", "meaning", "also called")


def catalogue_text(contracts: Sequence[Contract]) -> str:
    """The contracts for a terminal of 100 columns."""
    return "\n\n".join(map(_paragraph, contracts)) + "\n"


def _paragraph(contract: Contract) -> str:
    lines = [_indented(f"{_needed(f)}{f.name}: {_kind(f)}; {_meaning(f)}") for f in contract.fields]
    foot = f"Key: {', '.join(contract.key)}. {contract.reversal}"
    return "\n".join([f"{contract.name}: {contract.meaning}", *lines, _indented(foot)])


def _needed(field: Field) -> str:
    return "" if field.required else "(optional) "


def _indented(line: str) -> str:
    return fill(line, TEXT_WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)


def catalogue_markdown(contracts: Sequence[Contract]) -> str:
    """The contracts as a page of Markdown: a section for each family, a table for each contract."""
    wanted = {contract.name for contract in contracts}
    families = {
        family: [contract for contract in listed if contract.name in wanted]
        for family, listed in FAMILIES.items()
    }
    sections = [
        "\n\n".join([f"## {family.capitalize()}", *map(_section, listed)])
        for family, listed in families.items()
        if listed
    ]
    return "\n".join([MARKDOWN_HEAD, "\n\n".join(sections)]) + "\n"


def _section(contract: Contract) -> str:
    cells = [
        (
            f"`{field.name}`",
            _kind(field),
            field.unit,
            "yes" if field.required else "no",
            _meaning(field),
            ", ".join(field.aliases),
        )
        for field in contract.fields
    ]
    rule = ("---",) * len(MARKDOWN_COLUMNS)
    table = [f"| {' | '.join(row)} |" for row in (MARKDOWN_COLUMNS, rule, *cells)]
    key = ", ".join(f"`{name}`" for name in contract.key)
    head = f"{contract.meaning[0].upper()}{contract.meaning[1:]}. Key: {key}. {contract.reversal}"
    return "\n".join([f"### `{contract.name}`", "", head, "", *table])


def _kind(field: Field) -> str:
    if field.kind is Kind.CHOICE:
        return f"one of {', '.join(field.choices)}"
    if field.lowest is None:
        return field.kind.value
    bounds = f"{field.lowest:g} or more"
    if field.highest is not None:
        bounds = f"{field.lowest:g} to {field.highest:g}"
    return f"{field.kind.value}, {bounds}"


def _meaning(field: Field) -> str:
    return f"{field.meaning} (person)" if field.personal else field.meaning
