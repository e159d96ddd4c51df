"""The page of contracts is that of the declarations."""

from pathlib import Path

from tradeline.lake.contract_catalogue import (
    MARKDOWN_COMMAND,
    catalogue_markdown,
    catalogue_text,
)
from tradeline.lake.contracts import BY_NAME, CONTRACTS, FAMILIES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "contracts.md"


def test_the_page_is_up_to_date() -> None:
    command = f"{MARKDOWN_COMMAND} > docs/reference/{PAGE.name}"
    assert PAGE.read_text(encoding="utf-8") == catalogue_markdown(CONTRACTS), (
        f"run `python -m {command}`"
    )


def test_every_contract_belongs_to_one_family() -> None:
    listed = [contract.name for family in FAMILIES.values() for contract in family]
    assert sorted(listed) == sorted(BY_NAME)


def test_no_line_of_text_is_too_wide_for_a_terminal() -> None:
    assert max(map(len, catalogue_text(CONTRACTS).splitlines())) <= 100


def test_a_bound_and_the_allowed_values_are_shown() -> None:
    shown = catalogue_markdown([BY_NAME["loans"], BY_NAME["reviews"]])
    assert "| `rate_annual` | share, 0 to 1 | 1 | no | annual interest rate | " in shown
    assert "| one of current, late, restructured, repaid, written_off |  | yes |" in shown
    assert "| number, 1 to 5 | stars | yes |" in shown
