"""Transfers become a file that the published schema accepts, byte for byte the same each time."""

from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest

from tests.lending.payments.files import DAY, FIRM, LENDER, NOW, instruction, schema
from tradeline.kernel.findings import InputProblem
from tradeline.lending.payments.instruction import Instruction
from tradeline.lending.payments.pain001 import transfer_file

NS = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}
MANY = [
    instruction(3),
    instruction(1, 1, date(2026, 3, 3)),
    replace(instruction(2, 12_345), currency="JPY"),
    replace(instruction(4, 10_005), currency="KWD", creditor=LENDER, purpose="x\x00<&>" * 60),
]


def test_the_schema_accepts_the_file() -> None:
    content = transfer_file("msg-1", NOW, LENDER, MANY)
    schema("pain.001.001.09").validate(content.decode())
    schema("pain.001.001.09").validate(
        transfer_file("m" * 35, NOW, FIRM, [instruction(1)]).decode()
    )


def test_amounts_days_and_ids_stand_where_a_bank_looks() -> None:
    root = ElementTree.fromstring(transfer_file("msg-1", NOW, LENDER, MANY))
    assert root.findtext(".//p:GrpHdr/p:NbOfTxs", namespaces=NS) == "4"
    assert root.findtext(".//p:GrpHdr/p:CtrlSum", namespaces=NS) == "16855.015"
    blocks = root.findall(".//p:PmtInf", NS)
    days = [block.findtext("p:ReqdExctnDt/p:Dt", namespaces=NS) for block in blocks]
    assert days == ["2026-03-02"] * 3 + ["2026-03-03"]
    amounts = [(each.get("Ccy"), each.text) for each in root.findall(".//p:InstdAmt", NS)]
    assert amounts == [("EUR", "4500.00"), ("JPY", "12345"), ("KWD", "10.005"), ("EUR", "0.01")]
    assert [each.text for each in root.findall(".//p:EndToEndId", NS)] == [
        "pay-3", "pay-2", "pay-4", "pay-1"
    ]  # fmt: skip
    assert root.findtext(".//p:Ustrd", namespaces=NS) == "pay-3 loan 3"


def test_the_same_instructions_in_any_order_give_the_same_bytes() -> None:
    content = transfer_file("msg-1", NOW, LENDER, MANY)
    assert transfer_file("msg-1", NOW, LENDER, MANY[::-1]) == content


BAD = [
    (
        replace(instruction(1), id="pay_1"),
        "The id 'pay_1' does not travel through banks. Use up to",
    ),
    (replace(instruction(1), id="x" * 36), "does not travel through banks."),
    (instruction(1, 0), "The amount 0 is none. Pay an amount above zero."),
    (replace(instruction(1), currency="EURO"), "The currency 'EURO' is none of ISO 4217."),
    (replace(instruction(1), creditor=replace(FIRM, holder=" ")), "The creditor has no name."),
    (replace(instruction(1), creditor=replace(FIRM, number="")), "The account '' is no IBAN"),
    (
        replace(instruction(1), creditor=replace(FIRM, number="DE88370400440532013000")),
        "The account 'DE88370400440532013000' is no IBAN, though it begins like one. Check the",
    ),
]


@pytest.mark.parametrize(("bad", "message"), BAD, ids=range(len(BAD)))
def test_what_no_bank_carries_out_is_refused(bad: Instruction, message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        transfer_file("msg-1", NOW, LENDER, [instruction(9), bad])
    assert message in str(refusal.value)


@pytest.mark.parametrize("instructions", [[], [instruction(1), instruction(1, 5, DAY)]])
def test_no_transfer_and_one_that_stands_twice_are_refused(
    instructions: list[Instruction],
) -> None:
    with pytest.raises(InputProblem) as refusal:
        transfer_file("msg-1", NOW, LENDER, instructions)
    assert str(refusal.value) == (
        "error: file msg-1: A file needs at least one transfer, and each only once. Give each "
        "payment one instruction with an id of its own."
    )


def test_a_name_that_no_bank_takes_is_refused() -> None:
    with pytest.raises(InputProblem, match="The name of the file does not travel"):
        transfer_file("a/b", NOW, LENDER, [instruction(1)])
