"""Wrong files and rows through the command line: `inspect` tells of them with place and remedy.

What `assess` makes of rows that were refused stands in test_wrong_input.
"""

import csv
import re
from datetime import date
from pathlib import Path

from tests.journeys.wrong_folders import (
    BUYS,
    CURVE_FILE,
    CURVES,
    FIRM_FILE,
    INVOICES,
    LAST_DAY,
    SALES,
    Printed,
    Spoil,
    add,
    as_excel,
    as_parquet,
    assess,
    both,
    cases,
    findings,
    raw,
    swap,
    text,
    write_sound_folder,
)
from tradeline.cli.main import main

EXCEL_0 = date(1899, 12, 30)
MEND = "Mend the rows or the mapping; refused rows can be written to a file."
MISSING = "Send what is missing, map it by hand in tradeline.yaml, or take it out of the folder."
STATE = "Write the mapping (tradeline inspect --write FILE) and state"
UTF_8 = "Save it as UTF-8, or state its encoding in a mapping, such as `encoding: gb18030`."
BANK = "enterprise,transaction_no,amount,currency,date\n"


UNREADABLE = [
    (
        "broken Parquet",
        raw("orders.parquet", b"PAR1xxxx"),
        "error: orders.parquet: The file is not whole Parquet. Write it again from its source, or "
        "send it as CSV.",
    ),
    (
        "truncated Parquet",
        as_parquet(BUYS, lambda content: content[: len(content) // 2]),
        "error: purchase_invoices.parquet: The file is not whole Parquet. Write it again from its "
        "source, or send it as CSV.",
    ),
    (
        "damaged Parquet",
        as_parquet(BUYS, lambda content: content[:200] + bytes(900) + content[1100:]),
        "error: purchase_invoices.parquet: The file is not whole Parquet. Write it again from its "
        "source, or send it as CSV.",
    ),
    (
        "broken Excel",
        raw("orders.xlsx", b"nope"),
        "error: orders.xlsx: The file is not a whole Excel workbook. Save it again.",
    ),
    (
        "a second sheet",
        as_excel(BUYS, list, sheets=2),
        "error: purchase_invoices.xlsx: The workbook has more than one sheet with values: Sheet, "
        "Sheet1. Save each sheet that is needed as a file of its own.",
    ),
    (
        "formulas without values",
        as_excel(BUYS, lambda row: [*row[:5], "=D2+E2", *row[6:]]),
        "error: purchase_invoices.xlsx: The cell F2 holds a formula without its value. Open the "
        "workbook in Excel and save it, or save it as CSV.",
    ),
    (
        "an empty file",
        text(BUYS, ""),
        "error: purchase_invoices.csv: The file is empty. Send it with a header and rows.",
    ),
    (
        "a doubled column",
        text(FIRM_FILE, "enterprise,name,Name\nE00,a,b\n"),
        "error: enterprises.csv: The header names 'Name', 'name' more than once, capitals or not. "
        "Give each column a name of its own.",
    ),
    (
        "an unclosed quotation mark",
        swap(FIRM_FILE, "E10 Trading", '"E10 Trading'),
        "error: enterprises.csv: A quotation mark that opens in line 12 is never closed, so all "
        "rows after it are one value. Close it, or double it if it belongs to the value.",
    ),
    (
        "a picture that is called CSV",
        raw("scan.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        "error: scan.csv: The file is no plain text: it holds a NUL byte in line 3. Export it "
        "again as CSV in UTF-8; if it is UTF-16, state `encoding: utf-16` in a mapping.",
    ),
    (
        "an encoding that nobody knows",
        raw("notes.csv", bytes(range(1, 256))),
        f"error: notes.csv: The file is no text in UTF-8, GB18030, Big5 nor Windows-1252. {UTF_8}",
    ),
    (
        "JSON that is no JSON Lines",
        text("orders.jsonl", '[{"order_no": 1},\n{"order_no": 2}]'),
        "error: orders.jsonl: No line of the file is a JSON object. Write one object in each line.",
    ),
    (
        "a missing column",
        swap(BUYS, ",gross,", ",everything,"),
        "error: purchase_invoices.csv: The file looks like no contract: nearest is "
        "purchase_invoices, but gross is missing among enterprise, invoice_no, seller, net, tax, "
        f"everything, status, date. {MISSING}",
    ),
    (
        "invoices of neither side",
        text("more.csv", INVOICES.format(side="counterparty")),
        "error: more.csv: The file looks like no contract: it fits sales_invoices and "
        "purchase_invoices alike, for neither its name nor a column such as buyer or seller tells "
        f"which. {MISSING}",
    ),
    (
        "days and months that may be swapped",
        text(BUYS, INVOICES.format(side="seller") + "E00,1,S,5,0,5,valid,03/04/2023\n"),
        "error: purchase_invoices.csv: Its dates may be read by day first or by month first, such "
        f'as 03/04/2023. {STATE} `dates: "%d/%m/%Y"` or `dates: "%m/%d/%Y"` in it.',
    ),
    (
        "a point that may part thousands",
        text(BUYS, INVOICES.format(side="seller") + "E00,1,S,5,0,1.234,valid,2023-04-03\n"),
        "error: purchase_invoices.csv: The point in amounts such as 1.234 may part thousands or "
        f'decimals. {STATE} `thousands: "."` and `decimal: ","`, or `thousands: ","` and '
        '`decimal: "."` in it.',
    ),
]


@cases(UNREADABLE)
def test_a_file_that_cannot_be_read_stops_a_decision(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert main(["inspect", str(folder)]) == 1
    assert message in findings(capsys)
    assert assess(folder) == 2
    assert message in findings(capsys)
    assert not (tmp_path / "out").exists()


def refused(name: str, row: int, reason: str, count: int = 1, level: str = "error") -> str:
    """How `inspect` tells of rows that were refused."""
    contract = Path(name).stem
    rows, first = f"{count} rows", ", the first because"
    if count == 1:
        rows, first = "1 row", ""
    return f"{level}: {name} row {row}: {rows} refused for {contract}{first}: {reason} {MEND}"


ORDERS = "enterprise,order_no,buyer,gross,status,date\n"
LATE = "enterprise,invoice_no,buyer,net,tax,gross,status,date,recorded_at\n"
ROWS = [
    (
        "text in an amount",
        swap(SALES, ",100000,", ",lots,", 1),
        refused(SALES, 2, "The net lots is not an amount."),
    ),
    (
        "an amount beyond all money",
        swap(SALES, ",100000,", ",99999999999999999999,", 1),
        refused(
            SALES,
            2,
            "The net 99999999999999999999 is too large: the most that can be read is "
            "10,000,000,000,000.",
        ),
    ),
    (
        "signs that stand where they should not",
        swap(SALES, ",100000,", ',"1,00,9",', 1),
        refused(SALES, 2, "The net 1,00,9 is not an amount."),
    ),
    (
        "a negative total",
        text("orders.csv", f"{ORDERS}E00,1,B,-5,placed,2023-05-05\n"),
        refused("orders.csv", 2, "The gross -5 is below 0."),
    ),
    (
        "a status that nobody knows",
        swap(SALES, ",valid,", ",paid,", 2),
        refused(SALES, 2, "The status paid is not one of valid, void.", 2),
    ),
    (
        "a day that is none",
        swap(SALES, "2023-01-15", "2023-13-45", 1),
        refused(SALES, 2, "The occurred_at 2023-13-45 is not a date."),
    ),
    (
        "mixed forms of dates",
        swap(SALES, "2023-01-15", "15.01.2023"),
        refused(SALES, 2, "The occurred_at 15.01.2023 is not a date.", 16),
    ),
    (
        "the year 1",
        swap(SALES, "2023-01-15", "0001-01-01", 1),
        refused(SALES, 2, "The occurred_at 0001-01-01 lies outside the years 1970 to 2199."),
    ),
    (
        "the year 9999",
        swap(SALES, "2023-01-15", "9999-12-31", 1),
        refused(SALES, 2, "The occurred_at 9999-12-31 lies outside the years 1970 to 2199."),
    ),
    (
        "Excel's numbers for dates",
        as_excel(SALES, lambda row: [*row[:7], (date.fromisoformat(row[7]) - EXCEL_0).days]),
        refused(
            "sales_invoices.xlsx",
            2,
            "The occurred_at 44941 is not a date; it looks like Excel's number of one, so format "
            "the column as dates.",
            192,
        ),
    ),
    (
        "an error of Excel",
        as_excel(SALES, lambda row: [*row[:5], row[5] if row[1] != "5" else "#DIV/0!", *row[6:]]),
        refused("sales_invoices.xlsx", 6, "The gross #DIV/0! is not an amount.", 16),
    ),
    (
        "a short row",
        add(SALES, "E00,99"),
        refused(SALES, 194, "The row has 2 values, the header names 8 columns."),
    ),
    (
        "a long row",
        swap(SALES, ",valid,2023-01-15", ",valid,2023-01-15,and more", 1),
        refused(SALES, 2, "The row has 9 values, the header names 8 columns."),
    ),
    (
        "quotation marks that do not pair",
        swap(SALES, "E00,1,", '"E0"0,1,', 1),
        refused(SALES, 2, "The quotation marks of line 2 do not pair."),
    ),
    (
        "a value that swallows rows",
        swap(FIRM_FILE, "E10 Trading\nE11,E11 Trading\nE12,E12 Trading",
             '"E10 Trading\nE11,E11 Trading\nE12,E12 Trading"'),
        refused(FIRM_FILE, 12, "The quotation marks of lines 12 to 14 do not pair."),
    ),
    (
        "a line that is no JSON",
        text("reviews.jsonl", '{"enterprise": "E00", "review_no": 1, "order_no": 1, "stars": 5, '
             '"date": "2023-05-05"}\n{"enterprise": "E00",'),
        refused("reviews.jsonl", 2, "The line is not a JSON object that names each key once."),
    ),
    (
        "recorded before it occurred",
        text(SALES, f"{LATE}E00,1,B,5,0,5,valid,2023-05-05,2023-05-04\n"),
        refused(SALES, 2, "It was recorded before it occurred."),
    ),
    (
        "another currency",
        text("bank_transactions.csv", f"{BANK}E00,1,5,USD,2023-05-05\nE00,2,5,CNY,2023-05-06\n"),
        refused("bank_transactions.csv", 2, "The currency USD is not the CNY of the folder."),
    ),
    (
        "a firm without identifier",
        swap(FIRM_FILE, "E10,", ","),
        refused(FIRM_FILE, 12, "The enterprise is missing."),
    ),
    (
        "a key that says otherwise",
        add(FIRM_FILE, "E00,Another name"),
        refused(
            FIRM_FILE, 18, "Another row with this key stands earlier and says otherwise."
        ),
    ),
    (
        "an outcome that is none",
        swap("outcomes.csv", "true", "perhaps", 1),
        refused("outcomes.csv", 2, "The defaulted perhaps is not true or false."),
    ),
    (
        "percentages for shares",
        text(CURVE_FILE, f"{CURVES}A,0.04,0\nA,0.15,90\n"),
        refused(CURVE_FILE, 3, "The lost_share 90 is above 1; write 0.04 for 4 %."),
    ),
    (
        "per cent signs",
        text(CURVE_FILE, f"{CURVES}A,4%,0\nA,0.15,0.9\n"),
        refused(CURVE_FILE, 2, "The rate_annual 4% is not a share such as 0.04."),
    ),
]  # fmt: skip


@cases(ROWS)
def test_a_row_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert main(["inspect", str(folder), "--refused", str(tmp_path / "refused.csv")]) == 1
    printed = capsys.readouterr().out
    assert [line for line in printed.splitlines() if line.startswith("error")] == [message]
    counts = re.findall(r"([\d,]+) rows? read, ([\d,]+) accepted, ([\d,]+) refused", printed)
    with (tmp_path / "refused.csv").open(encoding="utf-8", newline="") as stream:
        written = len(list(csv.DictReader(stream)))
    assert counts
    assert all(int(read) == int(kept) + int(gone) for read, kept, gone in counts)
    assert written == sum(int(gone) for _, _, gone in counts) > 0


DOUBTS = [
    (
        "a copied row",
        add(FIRM_FILE, "E00,E00 Trading"),
        refused(FIRM_FILE, 18, "The same row stands earlier.", level="warning"),
    ),
    (
        "two files of the same rows",
        lambda folder: (folder / "sales_again.csv").write_bytes((folder / SALES).read_bytes()),
        "warning: sales_invoices.csv row 2: 192 rows refused for sales_invoices, the first "
        f"because: The same row stands earlier. {MEND}",
    ),
    (
        "invoices of a stranger",
        add(SALES, "X9,1,B1,100,13,113,valid,2023-05-05"),
        "warning: sales_invoices: No enterprises file names the firms of 1 row, such as 'X9'. "
        "These firms are not assessed; add them to an enterprises file if they should.",
    ),
    (
        "an invoice that does not add up",
        add(SALES, "E00,77,B1,100,13,500,valid,2023-05-05"),
        "warning: sales_invoices.csv row 194: 1 row of sales_invoices: net and tax differ from "
        "gross. Mend what is wrong; until then gross is what counts.",
    ),
    (
        "a table of no contract",
        text("notes.csv", "author,remark\nme,hello\n"),
        "warning: notes.csv: The file looks like no contract: nearest is enterprises, but "
        f"enterprise, name is missing among author, remark. {MISSING}",
    ),
    (
        "an encoding that is guessed",
        text(FIRM_FILE, "enterprise,name\n" + "E00,商行有限公司\n" * 16, "big5"),
        "warning: enterprises.csv: The file is not UTF-8; it is read as big5, which is a guess. If "
        "names look wrong, state its `encoding` in a mapping.",
    ),
    (
        "outcomes without a date",
        both(swap("outcomes.csv", ",occurred_at", ""), swap("outcomes.csv", f",{LAST_DAY}", "")),
        "note: outcomes: They carry no date, so they count as known on 2023-12-15, the day of the "
        "last record. Map a date, or state `constants` in a mapping, if they were known on another "
        "day.",
    ),
]  # fmt: skip


@cases(DOUBTS)
def test_what_is_odd_but_readable_is_told_and_is_no_error(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert main(["inspect", str(folder)]) == 0
    assert message in findings(capsys)
