"""Wrong mappings: a clear message, exit code 2, and nothing is written."""

from pathlib import Path

from tests.journeys.wrong_folders import (
    Printed,
    Spoil,
    assess,
    cases,
    errors,
    raw,
    text,
    write_sound_folder,
)
from tradeline.cli.main import main

GUIDE = "See docs/guides/mapping.md."
FIRMS_READ = "file: enterprises.csv, contract: enterprises"
NAMES = "columns: {enterprise: enterprise, name: name}"


def mapping(*sources: str, currency: str = "CNY") -> Spoil:
    """A `tradeline.yaml` of sources in YAML's short form."""
    lines = "".join(f"  - {{{source}}}\n" for source in sources)
    return text("tradeline.yaml", f"currency: {currency}\nsources:\n{lines}")


def bad(message: str) -> str:
    return f"error: tradeline.yaml: {message} {GUIDE}"


MAPPINGS = [
    (
        "no YAML",
        text("tradeline.yaml", "a: [1"),
        "error: tradeline.yaml: The mapping file is not YAML: line 1, column 6: expected ',' or "
        "']', but got '<stream end>'. Mend that line.",
    ),
    (
        "no UTF-8",
        raw("tradeline.yaml", "é".encode("latin-1")),
        "error: tradeline.yaml: The mapping file is not written in UTF-8. Save it as UTF-8.",
    ),
    ("a list", text("tradeline.yaml", "- 1\n"), bad("The mapping needs a list `sources`.")),
    (
        "no source",
        text("tradeline.yaml", "sources: []\n"),
        bad("The list `sources` is empty, so no file would be read."),
    ),
    (
        "a key that stands twice",
        text("tradeline.yaml", "currency: CNY\nsources: []\ncurrency: EUR\n"),
        "error: tradeline.yaml: The mapping file is not YAML: line 3, column 1: the key 'currency' "
        "stands twice. Mend that line.",
    ),
    (
        "an unknown contract",
        mapping("file: enterprises.csv, contract: salez"),
        bad("source 1: contract 'salez' is none of enterprises, sales_invoices, purchase_invoices, "
            "orders, order_lines, payments, refunds, deliveries, reviews, bank_transactions, "
            "outcomes, response_curves, registrations, owners, tax_returns, court_cases, "
            "utility_use, production_output, shipments, customs_declarations, foreign_receipts, "
            "certificates, patents, trade_shows, loans, loan_payments, guarantors, obligations, "
            "links, uses, disputes, trade_disputes."),
    ),
    (
        "an unknown key",
        mapping(f"{FIRMS_READ}, {NAMES}, colour: red"),
        bad("source 1: unknown key 'colour'; known are amounts, columns, constants, contract, "
            "dates, decimal, encoding, file, group, lookup, numbered, only, recorded_at, "
            "thousands, time_zone, unpivot, values."),
    ),
    (
        "an unknown field",
        mapping(f"{FIRMS_READ}, columns: {{enterprise: enterprise, name: name, size: name}}"),
        bad("source 1: enterprises has no field 'size'; it has country, enterprise, industry, "
            "name."),
    ),
    (
        "a missing field",
        mapping(f"{FIRMS_READ}, columns: {{enterprise: enterprise}}"),
        bad("source 1: enterprises needs 'name' (the firm's name)."),
    ),
    (
        "a column that is not there",
        mapping(f"{FIRMS_READ}, columns: {{enterprise: enterprise, name: title}}"),
        "error: enterprises.csv: The mapping needs the column 'title', the file has 'enterprise', "
        "'name'. Mend the mapping or send the column.",
    ),
    (
        "a file that is not there",
        mapping(f"file: gone.csv, contract: enterprises, {NAMES}"),
        "error: gone.csv: The mapping names this file, but the folder does not hold it. Put it "
        "into the folder or take it out of the mapping.",
    ),
    (
        "a file outside of the folder",
        mapping(f"file: ../x.csv, contract: enterprises, {NAMES}"),
        bad("source 1: the file '../x.csv' does not lie in the folder."),
    ),
    (
        "an encoding that is none",
        mapping(f"{FIRMS_READ}, {NAMES}, encoding: klingon"),
        bad("source 1: `encoding` is 'klingon', which is none; write utf-8, gb18030 or big5."),
    ),
    (
        "an encoding that is not the file's",
        mapping(f"{FIRMS_READ}, {NAMES}, encoding: utf-16"),
        "error: enterprises.csv: The file is not written in utf-16. Save it as UTF-8, or state its "
        "encoding in a mapping, such as `encoding: gb18030`.",
    ),
    (
        "a form of dates that is none",
        mapping(f"{FIRMS_READ}, {NAMES}, dates: YYYY-MM-DD"),
        bad("source 1: `dates` is 'YYYY-MM-DD', which is no date format; write it like %Y-%m-%d."),
    ),
    (
        "one sign for thousands and decimals",
        mapping(f'{FIRMS_READ}, {NAMES}, decimal: ","'),
        bad("source 1: `thousands` and `decimal` are both ','; state two different signs."),
    ),
    (
        "values that are no table",
        mapping(f"{FIRMS_READ}, {NAMES}, values: {{name: [x]}}"),
        bad("source 1: `values: name` must be a table of keys."),
    ),
    (
        "an unpivot without columns",
        mapping("file: response_curves.csv, contract: response_curves, unpivot: {field: rating}"),
        bad("source 1: `unpivot` must be a table of field, value and columns."),
    ),
    (
        "a currency that is none",
        mapping(f"{FIRMS_READ}, {NAMES}", currency="ABC"),
        bad("`currency` is 'ABC'; it must be an ISO 4217 code such as CNY."),
    ),
]  # fmt: skip


@cases(MAPPINGS)
def test_a_mapping_that_cannot_be_followed(
    tmp_path: Path, capsys: Printed, spoil: Spoil, message: str
) -> None:
    folder = write_sound_folder(tmp_path / "folder")
    spoil(folder)
    assert main(["inspect", str(folder)]) == 2
    assert errors(capsys) == [message]
    assert assess(folder) == 2
    assert errors(capsys) == [message]
    assert not (tmp_path / "out").exists()
