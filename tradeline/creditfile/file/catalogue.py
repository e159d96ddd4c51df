"""How the figures of a credit file are shown: text for a terminal, Markdown for the reference."""

from textwrap import fill

from tradeline.creditfile.file.declaration import Figure, Listing, Part
from tradeline.creditfile.file.parts import PARTS
from tradeline.creditfile.file.words import NAMES, how_words, listing_words

TEXT_WIDTH = 100
MARKDOWN_COMMAND = "tradeline file figures --format markdown"
MARKDOWN_HEAD = f"""# Figures of a credit file

<!-- Made by `{MARKDOWN_COMMAND}`; change the declarations, not this page. -->

Every figure and list of a credit file, part by part. Each is declared once; its value, the rows
behind it and these words follow from the declaration. Only rows count that had occurred by the day
and stand as they were known: of several versions of one record the strongest assurance counts, then
the latest. Windows count whole months back from the day after. `tradeline file rows ENTERPRISE ID`
gives the rows, and what they add comes to the figure.
"""
COLUMNS = ("id", "figure", "meaning", "how it is made", "rows of")


def figures_text() -> str:
    """The figures for a terminal of 100 columns."""
    sections = [
        "\n\n".join([part.title.upper(), *(_paragraph(*each) for each in _described(part))])
        for part in PARTS
    ]
    return "\n\n".join(sections) + "\n"


def _described(part: Part) -> list[tuple[Figure | Listing, str, tuple[str, ...]]]:
    """Each figure and list, how it is made, and its contracts."""
    lists = [(item, listing_words(item), (item.rows.contract,)) for item in part.listings]
    return [*((f, how_words(f), f.contracts) for f in part.figures), *lists]


def _paragraph(item: Figure | Listing, how: str, contracts: tuple[str, ...]) -> str:
    details = [item.meaning, how, f"Rows of: {', '.join(contracts)}."]
    return "\n".join([f"{item.id}: {item.label}", *map(_indented, details)])


def _indented(line: str) -> str:
    return fill(line, TEXT_WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)


def figures_markdown() -> str:
    """The figures as a page of Markdown: a table for each part."""
    return "\n".join([MARKDOWN_HEAD, "\n\n".join(map(_section, PARTS))]) + "\n"


def _section(part: Part) -> str:
    cells = [
        (f"`{item.id}`", item.label, item.meaning, how, ", ".join(f"`{c}`" for c in contracts))
        for item, how, contracts in _described(part)
    ]
    rule = ("---",) * len(COLUMNS)
    table = [f"| {' | '.join(row)} |" for row in (COLUMNS, rule, *cells)]
    drawn = ", ".join(f"{NAMES[name]} (`{name}`)" for name in part.contracts)
    return "\n".join([f"## {part.title}", "", f"{part.about} Drawn from: {drawn}.", "", *table])
