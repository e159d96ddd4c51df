"""The catalogue says everything of every feature, in each of its forms."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tradeline.creditfile.features.catalogue import (
    DIRECTIONS,
    FEATURES,
    MARKDOWN_COMMAND,
    catalogue_json,
    catalogue_markdown,
    catalogue_text,
)
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.events import Events, Window
from tradeline.creditfile.features.measures import Count

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "features.md"
SALES = Count(Events("sales_invoices", (), Window(1)))
PLAIN = Feature("plain", "invoices", "invoices", "sales of a month", SALES, -1, "It is safe.",
                verifiable=True, change_months=1)  # fmt: skip
DOUBTFUL = Feature("doubtful", "bank", "entries", "entries", SALES, 0, "Who knows.",
                   fraud_signal=True, possible_consequence="It came after.")  # fmt: skip


def test_the_page_is_the_catalogue() -> None:
    shown = PAGE.read_text(encoding="utf-8")
    command = f"{MARKDOWN_COMMAND} > docs/reference/{PAGE.name}"
    assert shown == catalogue_markdown(FEATURES), f"The page is out of date; run {command}"


def test_the_page_says_by_which_command_it_is_made() -> None:
    assert f"`{MARKDOWN_COMMAND}`" in PAGE.read_text(encoding="utf-8")[:200]


def test_text_is_a_paragraph_for_each_feature() -> None:
    assert catalogue_text([PLAIN, DOUBTFUL]) == (
        "INVOICES (1)\n"
        "\n"
        "plain\n"
        "    sales of a month (invoices; 1 month)\n"
        "    Higher is safer: It is safe.\n"
        "    Verifiable: a change takes 1 month.\n"
        "\n"
        "BANK (1)\n"
        "\n"
        "doubtful\n"
        "    entries (entries; 1 month)\n"
        "    Undecided: Who knows.\n"
        "    Not verifiable.\n"
        "    Hints at fabricated trade.\n"
        "    May follow from a default: It came after.\n"
    )


def test_text_fits_a_terminal_of_100_columns() -> None:
    assert max(map(len, catalogue_text(FEATURES).splitlines())) <= 100


def test_markdown_is_a_table_for_each_source() -> None:
    page = catalogue_markdown([PLAIN, DOUBTFUL])
    head = (
        "| feature | meaning | unit | window | direction | why | verifiable | beware |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    plain = (
        "| `plain` | sales of a month | invoices | 1 month | higher is safer | It is safe. "
        "| 1 month |  |\n"
    )
    doubtful = (
        "| `doubtful` | entries | entries | 1 month | undecided | Who knows. | no "
        "| Hints at fabricated trade. May follow from a default: It came after. |\n"
    )
    assert page.endswith(f"\n## Invoices\n\n{head}{plain}\n## Bank\n\n{head}{doubtful}")


def test_no_cell_breaks_its_table() -> None:
    rows = [line for line in catalogue_markdown(FEATURES).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {9}


def test_json_holds_every_field_but_the_expression() -> None:
    records = json.loads(catalogue_json(FEATURES))
    for record, feature in zip(records, FEATURES, strict=True):
        expected = asdict(feature) | {"window": feature.window}
        del expected["expression"]
        assert record == expected


@pytest.mark.parametrize("render", [catalogue_text, catalogue_markdown, catalogue_json])
def test_every_feature_stands_in_every_form(render: object) -> None:
    assert callable(render)
    shown = render(FEATURES)
    assert all(feature.name in shown for feature in FEATURES)


def test_every_direction_has_words() -> None:
    assert {feature.direction for feature in FEATURES} <= set(DIRECTIONS)
