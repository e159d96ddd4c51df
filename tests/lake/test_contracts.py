"""Contracts are complete, consistent and say what each thing means."""

from dataclasses import replace

import duckdb
import pytest

from tradeline.lake.contracts import BY_NAME, CONTRACTS, Contract, Kind
from tradeline.lake.fitting import plain_word
from tradeline.lake.records import row_hash_sql

every_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.name)


def test_the_datasets_of_a_credit_file_are_all_declared() -> None:
    assert set(BY_NAME) == {
        "enterprises", "sales_invoices", "purchase_invoices", "orders", "order_lines", "payments",
        "refunds", "deliveries", "reviews", "bank_transactions", "outcomes", "response_curves",
        "registrations", "owners", "tax_returns", "court_cases", "utility_use",
        "production_output", "shipments", "customs_declarations", "foreign_receipts",
        "certificates", "patents", "trade_shows", "loans", "loan_payments", "guarantors",
        "obligations", "links", "uses", "disputes", "trade_disputes",
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


@every_contract
def test_a_name_by_which_a_file_may_call_a_field_is_that_of_no_other(contract: Contract) -> None:
    words = [plain_word(n) for f in contract.fields for n in {f.name, *f.aliases}]
    assert len(words) == len(set(words))


@every_contract
def test_no_column_is_a_word_that_sql_keeps_for_itself(contract: Contract) -> None:
    query = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
    reserved = {row[0] for row in duckdb.execute(query).fetchall()}
    assert not reserved & set(contract.columns)


@every_contract
def test_what_tells_of_natural_persons_says_of_whom(contract: Contract) -> None:
    assert bool(contract.personal_columns) == bool(contract.subject)
    if contract.subject:
        subject = contract.field(contract.subject)
        assert subject.required
        assert not subject.personal
        assert contract.subject in contract.key
        assert not {contract.field(name).column for name in contract.key} & set(
            contract.personal_columns
        )


def test_names_and_ids_of_owners_guarantors_and_traders_are_personal() -> None:
    personal = {c.name: c.personal_columns for c in CONTRACTS if c.subject}
    assert personal == {
        "enterprises": ("name",),
        "bank_transactions": ("counterparty", "account", "reference"),
        "registrations": ("address", "representative"),
        "owners": ("owner", "personal_id"),
        "guarantors": ("guarantor", "personal_id"),
        "disputes": ("claim", "answer"),
    }


def test_fields_that_were_there_keep_their_place_before_those_added_and_the_clocks() -> None:
    assert BY_NAME["bank_transactions"].columns == (
        "enterprise", "transaction_no", "counterparty", "amount_minor", "balance_minor",
        "currency", "account", "value_date", "reference", "occurred_at", "recorded_at",
    )  # fmt: skip
    assert BY_NAME["order_lines"].columns == (
        "enterprise", "order_no", "line_no", "product", "quantity", "gross_minor", "currency",
        "counterparty", "occurred_at", "recorded_at",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["bank_transactions", "order_lines"])
def test_an_optional_field_that_was_added_changes_no_hash(name: str) -> None:
    contract = BY_NAME[name]
    added = {"account", "value_date", "reference"} | (
        {"counterparty"} if name == "order_lines" else set()
    )
    before = replace(contract, fields=tuple(f for f in contract.fields if f.name not in added))
    empty = ", ".join(f"CAST(NULL AS {f.sql_type}) AS {f.column}" for f in contract.fields)
    given = (
        f"SELECT * REPLACE ('E1' AS enterprise, 'x' AS {contract.columns[1]}, "
        f"TIMESTAMP '2024-01-31' AS occurred_at) FROM (SELECT {empty})"
    )
    hashes = duckdb.execute(
        f"SELECT {row_hash_sql(contract)}, {row_hash_sql(before)} FROM ({given})"
    ).fetchone()
    assert hashes
    assert hashes[0] == hashes[1]


def test_money_is_kept_in_minor_units() -> None:
    assert BY_NAME["sales_invoices"].field("gross").column == "gross_minor"
    assert BY_NAME["sales_invoices"].field("gross").sql_type == "BIGINT"


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(KeyError):
        BY_NAME["orders"].field("colour")
