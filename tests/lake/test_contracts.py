"""Contracts are complete, consistent and say what each thing means."""

import pytest

from tradeline.lake.contracts import BY_NAME, CONTRACTS, Contract, Kind

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)


def test_the_datasets_of_a_credit_file_are_all_declared() -> None:
    assert set(BY_NAME) == {
        "enterprises", "sales_invoices", "purchase_invoices", "orders", "order_lines", "payments",
        "refunds", "deliveries", "reviews", "bank_transactions", "outcomes", "response_curves",
    }  # fmt: skip


@every_contract
def test_a_key_names_fields_of_its_contract(contract: Contract) -> None:
    assert all(contract.field(name) for name in contract.key)


@every_contract
def test_names_are_unique_and_explained(contract: Contract) -> None:
    names = [field.name for field in contract.fields]
    assert len(names) == len(set(names))
    assert all(field.meaning for field in contract.fields)


@every_contract
def test_what_happens_has_both_clocks(contract: Contract) -> None:
    names = {field.name for field in contract.fields}
    standing = contract.name in {"enterprises", "response_curves"}
    assert standing or {"occurred_at", "recorded_at"} <= names


@every_contract
def test_only_a_choice_lists_its_values(contract: Contract) -> None:
    assert all(bool(f.choices) == (f.kind is Kind.CHOICE) for f in contract.fields)


def test_money_is_kept_in_minor_units() -> None:
    assert BY_NAME["sales_invoices"].field("gross").column == "gross_minor"
    assert BY_NAME["sales_invoices"].field("gross").sql_type == "BIGINT"


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(KeyError):
        BY_NAME["orders"].field("colour")
