"""All features, in two tuples, and how the catalogue is shown: text, Markdown, JSON."""

import json
from collections.abc import Iterable, Sequence
from textwrap import fill

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.events import counted
from tradeline.creditfile.features.of_bank import BANK_FEATURES
from tradeline.creditfile.features.of_conduct import CONDUCT
from tradeline.creditfile.features.of_invoices import INVOICE_FEATURES
from tradeline.creditfile.features.of_orders import ORDER_FEATURES
from tradeline.creditfile.features.of_partners import PARTNERS

CATALOGUE: tuple[Feature, ...] = (*INVOICE_FEATURES, *ORDER_FEATURES, *BANK_FEATURES)
"""The features of the score, by source."""

FEATURES: tuple[Feature, ...] = (*CATALOGUE, *CONDUCT, *PARTNERS)
"""Every feature, by source; names are unique. Those of conduct and of partners are in no score."""

DIRECTIONS = {1: "higher is riskier", -1: "higher is safer", 0: "undecided"}
"""What a higher value means, in words."""

TEXT_WIDTH = 100
MARKDOWN_COMMAND = "tradeline features --format markdown"
MARKDOWN_HEAD = f"""# Features

<!-- Made by `{MARKDOWN_COMMAND}`; change the declarations, not this page. -->

What is computed of every firm as of a moment, from rows that had occurred and were known by then.
Windows count whole months back from the day after. *Direction* says which way a higher value
should move risk. *Verifiable* says how long a change takes that independent sources can confirm.
A feature that hints at fabricated trade is never advice to the firm; one that may follow from a
default need not foretell one. Features of invoices, orders and bank make the score; those of
conduct and of partners are computed where they are asked for.
"""
MARKDOWN_COLUMNS = (
    "feature", "meaning", "unit", "window", "direction", "why", "verifiable", "beware"
)  # fmt: skip


def by_source(features: Iterable[Feature]) -> dict[str, list[Feature]]:
    """The features of each source, in the order given."""
    sources: dict[str, list[Feature]] = {}
    for feature in features:
        sources.setdefault(feature.source, []).append(feature)
    return sources


def warnings(feature: Feature) -> list[str]:
    """What the feature must not be taken for, a line each."""
    lines = ["Hints at fabricated trade."] if feature.fraud_signal else []
    if feature.possible_consequence:
        lines.append(f"May follow from a default: {feature.possible_consequence}")
    return lines


def catalogue_text(features: Sequence[Feature]) -> str:
    """The catalogue for a terminal of 100 columns: a paragraph for each feature."""
    sections = [
        "\n\n".join([f"{source.upper()} ({len(listed)})", *map(_paragraph, listed)])
        for source, listed in by_source(features).items()
    ]
    return "\n\n".join(sections) + "\n"


def _paragraph(feature: Feature) -> str:
    takes = counted(feature.change_months, "month")
    details = [
        f"{feature.meaning} ({feature.unit}; {feature.window})",
        f"{DIRECTIONS[feature.direction].capitalize()}: {feature.why}",
        f"Verifiable: a change takes {takes}." if feature.verifiable else "Not verifiable.",
        *warnings(feature),
    ]
    return "\n".join([feature.name, *map(_indented, details)])


def _indented(line: str) -> str:
    return fill(line, TEXT_WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)


def catalogue_markdown(features: Sequence[Feature]) -> str:
    """The catalogue as a page of Markdown: a table for each source."""
    tables = [
        "\n".join([f"## {source.capitalize()}", "", *_table(listed)])
        for source, listed in by_source(features).items()
    ]
    return "\n".join([MARKDOWN_HEAD, "\n\n".join(tables)]) + "\n"


def _table(features: Sequence[Feature]) -> list[str]:
    cells = [
        (
            f"`{feature.name}`",
            feature.meaning,
            feature.unit,
            feature.window,
            DIRECTIONS[feature.direction],
            feature.why,
            counted(feature.change_months, "month") if feature.verifiable else "no",
            " ".join(warnings(feature)),
        )
        for feature in features
    ]
    rule = ("---",) * len(MARKDOWN_COLUMNS)
    return [f"| {' | '.join(row)} |" for row in (MARKDOWN_COLUMNS, rule, *cells)]


def catalogue_json(features: Sequence[Feature]) -> str:
    """The catalogue as a JSON list; `direction` is +1 if higher is riskier, -1 safer, 0 neither."""
    records = [
        {
            "name": feature.name,
            "source": feature.source,
            "unit": feature.unit,
            "window": feature.window,
            "meaning": feature.meaning,
            "direction": feature.direction,
            "why": feature.why,
            "verifiable": feature.verifiable,
            "change_months": feature.change_months,
            "fraud_signal": feature.fraud_signal,
            "possible_consequence": feature.possible_consequence,
        }
        for feature in features
    ]
    return json.dumps(records, indent=2, ensure_ascii=False) + "\n"
