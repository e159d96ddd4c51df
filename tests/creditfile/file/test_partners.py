"""Who buys from an enterprise, and how sound they are: by public registers alone."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typst

from tests.creditfile.file.tellings import TERMS
from tests.lake.lakes import new_lake
from tradeline.creditfile.file import document
from tradeline.creditfile.file.document import file_pdf
from tradeline.creditfile.file.opening import open_figure
from tradeline.creditfile.file.page import file_page
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.record import SubjectFile, read_file
from tradeline.creditfile.file.shown import file_shown
from tradeline.creditfile.file.subject import of_lake
from tradeline.creditfile.file.tables import file_table
from tradeline.lake.extracts import extracts
from tradeline.lake.own_records import tell
from tradeline.lake.reading import Moment
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake

Row = dict[str, Any]


def on(text: str) -> datetime:
    return datetime.fromisoformat(text)


def dated(occurred: str, recorded: str = "") -> Row:
    return {"occurred_at": on(occurred), "recorded_at": on(recorded or occurred)}


def invoice(number: str, buyer: str, gross: int) -> Row:
    return {"enterprise": "E1", "invoice_no": number, "counterparty": buyer, "currency": "CNY",
            "net_minor": gross * 100, "tax_minor": 0, "gross_minor": gross * 100,
            "status": "valid", **dated("2024-03-01")}  # fmt: skip


def registration(firm: str, status: str, occurred: str, recorded: str = "") -> Row:
    return {"enterprise": firm, "registration_no": f"R-{firm}", "legal_form": "limited_company",
            "status": status, "representative": "Secret Person", "currency": "CNY",
            "incorporated_on": on("2015-05-05"), **dated(occurred, recorded)}  # fmt: skip


def case(firm: str, number: str, role: str, occurred: str, status: str = "filed") -> Row:
    return {"enterprise": firm, "case_no": number, "role": role, "case_kind": "debt",
            "status": status, "currency": "CNY", **dated(occurred)}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """E1 sells to E2, E3 and X; of E2 and E3 registers tell, of X nobody."""
    lake = new_lake(tmp_path)
    told = {
        "sales_invoices": [
            invoice("1", "E2", 700), invoice("2", "E3", 200), invoice("3", "X", 100),
        ],
        "registrations": [
            registration("E2", "active", "2020-01-01"),
            registration("E2", "dissolving", "2024-02-01", "2024-05-01"),
        ],
        "court_cases": [
            case("E3", "c1", "defendant", "2023-09-01"),
            case("E3", "c1", "plaintiff", "2023-09-02"),
            case("E3", "c2", "defendant", "2020-01-01"),
            case("E3", "c3", "defendant", "2024-01-01", "withdrawn"),
            case("E2", "c1", "defendant", "2023-09-01"),
        ],
    }  # fmt: skip
    for contract, rows in told.items():
        tell(lake, contract, rows, "office", Assurance.AUTHORITY_VERIFIED)
    return lake


def file(root: Path, day: str) -> SubjectFile:
    return read_file(of_lake(extracts(open_lake(root)), "E1", Moment(on(day), on(day))), TERMS)


def test_the_greatest_buyers_stand_in_the_file_with_what_registers_say_of_them(root: Path) -> None:
    partners = file_table(file(root, "2024-04-01"))["partners"]
    assert [(p["name"], p["side"], p["status"], p["cases"]) for p in partners] == [
        ("E2", "buyer", "active", 1), ("E3", "buyer", "", 1),
    ]  # fmt: skip
    assert partners[0]["value"] == {"unit": "CNY", "adds": 70_000, "of": 100_000}
    assert partners[0]["founded"] == "2015-05-05T00:00:00Z"
    says = [[(one["contract"], one["says"]) for one in each["records"]] for each in partners]
    assert says == [
        [
            ("registrations", "R-E2 · limited_company · active"),
            ("court_cases", "c1 · debt · filed"),
        ],
        [("court_cases", "c1 · debt · filed")],
    ]
    assert all(one["record"].count("/") == 2 for each in partners for one in each["records"])


def test_what_was_recorded_later_is_not_known_before(root: Path) -> None:
    (early, _), (late, _) = (file(root, day).partners for day in ("2024-04-01", "2024-06-01"))
    assert (early.status, late.status) == ("active", "dissolving")


def test_page_and_document_show_them_and_who_is_not_known(root: Path) -> None:
    found = file(root, "2024-04-01")
    page = file_page(found, "lake")
    assert "Buyers and suppliers in public registers" in page
    assert "R-E2 · limited_company · active" in page
    assert "Of 1 more nothing is known there." in page
    assert found.partners[0].records[0].record in page
    assert file_pdf(found).startswith(b"%PDF-")
    content = {"file": json.dumps(document._content(file_shown(found)))}
    raw = json.loads(typst.query(document._template(), "raw", field="text", sys_inputs=content))
    assert {one.record for each in found.partners for one in each.records} <= set(raw)


def test_nothing_personal_of_a_partner_is_shown_and_nothing_that_it_owes(root: Path) -> None:
    found = file(root, "2024-04-01")
    assert "Secret Person" not in file_page(found, "lake")
    assert "Secret Person" not in json.dumps(file_table(found))
    debt = {"enterprise": "E2", "obligation_no": "9", "creditor": "Private Bank",
            "obligation_kind": "loan", "amount_minor": 1, "outstanding_minor": 1,
            "currency": "CNY", "status": "late", **dated("2024-01-01")}  # fmt: skip
    tell(root, "obligations", [debt], "office", Assurance.AUTHORITY_VERIFIED)
    assert file_table(file(root, "2024-04-01")) == file_table(found)


def test_a_file_whose_partners_nobody_knows_has_no_such_table(root: Path) -> None:
    before = file(root, "2019-01-01")
    assert "partners" not in file_table(before)
    assert "in public registers" not in file_page(before, "lake")


def figures(root: Path, day: str) -> dict[str, list[tuple[Any, Any]]]:
    """What each figure adds, and what that is over."""
    return {
        figure["id"]: [(value["adds"], value["of"]) for value in figure["values"]]
        for part in file_table(file(root, day))["parts"]
        for figure in part["figures"]
    }


def test_figures_say_how_sound_the_buyers_are_by_registers_as_known_then(root: Path) -> None:
    early, late = figures(root, "2024-04-01"), figures(root, "2024-06-01")
    assert early["buyers_registered_12m"] == late["buyers_registered_12m"] == [(70_000, 100_000)]
    assert early["buyers_not_active_12m"] == [(0, 70_000)]
    assert late["buyers_not_active_12m"] == [(70_000, 70_000)]
    assert late["buyers_sued_12m"] == [(70_000, 70_000)]
    assert late["buyers_concentration_12m"] == [("0.54", None)]


def test_the_rows_of_a_figure_of_partners_are_the_invoices_of_the_subject(root: Path) -> None:
    found = of_lake(extracts(open_lake(root)), "E1", Moment(on("2024-06-01"), on("2024-06-01")))
    (row,) = open_figure(found, FIGURES["buyers_sued_12m"])
    assert (row.contract, row.says, row.adds, row.of) == (
        "sales_invoices", "1 · E2 · valid", 70_000, 70_000
    )  # fmt: skip


def test_without_courts_nobody_can_say_that_no_buyer_is_sued(tmp_path: Path) -> None:
    lake = new_lake(tmp_path)
    rows = {
        "sales_invoices": [invoice("1", "E2", 700)],
        "registrations": [registration("E2", "active", "2020-01-01")],
    }
    for contract, told in rows.items():
        tell(lake, contract, told, "office", Assurance.AUTHORITY_VERIFIED)
    said = figures(lake, "2024-04-01")
    assert said["buyers_sued_12m"] == []
    assert said["buyers_not_active_12m"] == [(0, 70_000)]


def test_days_from_order_to_payment_are_the_subjects_own(tmp_path: Path) -> None:
    lake, plain = new_lake(tmp_path), {"enterprise": "E1", "currency": "CNY"}
    order = plain | {"counterparty": "B", "status": "delivered", "gross_minor": 100}
    orders = [order | {"order_no": n, **dated(f"2024-03-0{n}")} for n in ("1", "2")]
    payments = [
        plain | {"order_no": order, "payment_no": number, "amount_minor": amount, **dated(day)}
        for order, number, amount, day in (
            ("1", "1", 40, "2024-03-01"), ("1", "2", 60, "2024-03-11"),
            ("2", "3", 100, "2024-03-04"), ("lost", "4", 900, "2024-03-30"),
        )
    ]  # fmt: skip
    tell(lake, "orders", orders, "shop", Assurance.PLATFORM_OBSERVED)
    tell(lake, "payments", payments, "shop", Assurance.PLATFORM_OBSERVED)
    said = figures(lake, "2024-04-01")
    assert said["days_to_pay_12m"] == [(12, 3)]
    assert said["longest_to_pay_12m"] == [(10, None)]
    assert said["paid_later_12m"] == [(160, 200)]
    assert said["paid_of_orders_12m"] == [(1100, 200)]
