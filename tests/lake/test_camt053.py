"""A bank statement becomes signed, dated rows; a wrong one says what is wrong and what to do."""

import tracemalloc
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.statements import IBAN, balance, detail, entry, statement, write
from tradeline.kernel.findings import Finding, InputProblem
from tradeline.lake import xml_stream
from tradeline.lake.camt053 import HEADER, camt_rows
from tradeline.lake.landing import Landing, land
from tradeline.lake.recognition import propose

BOOKED_V02 = "<Sts>BOOK</Sts>"


def rows_of(path: Path) -> tuple[list[dict[str, str]], list[Finding]]:
    """The rows by column, with why each is broken, and what is odd with the file."""
    findings: list[Finding] = []
    header, *rows = camt_rows(path, findings)
    assert header == (0, list(HEADER), "")
    assert [number for number, _, _ in rows] == list(range(1, len(rows) + 1))
    shown = [dict(zip(HEADER, values, strict=True), broken=broken) for _, values, broken in rows]
    return shown, findings


def read(folder: Path, content: str) -> tuple[list[dict[str, str]], list[Finding]]:
    return rows_of(write(folder, content))


def refused(folder: Path, content: str) -> str:
    with pytest.raises(InputProblem) as refusal:
        read(folder, content)
    (finding,) = refusal.value.findings
    assert finding.where == "statement.xml"
    return f"{finding.code}: {finding.message} {finding.remedy}"


def landed(folder: Path, content: str, currency: str = "CNY") -> Landing:
    write(folder, content)
    proposal = propose(folder, currency, lambda _: None)
    return land(duckdb.connect(), folder, proposal.mapping, lambda _: None)


def test_an_entry_is_read_with_both_clocks_account_sides_and_reference(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, statement([entry(details=detail())]))
    assert findings == []
    assert rows == [
        {
            "enterprise": "某商贸有限公司",
            "transaction_no": "R1",
            "counterparty": "Buyer",
            "amount": "100.00",
            "currency": "CNY",
            "account": IBAN,
            "value_date": "2024-01-16",
            "reference": "invoice 17",
            "occurred_at": "2024-01-15",
            "recorded_at": "2024-02-01T06:00:00+08:00",
            "broken": "",
        }
    ]


def test_a_folder_with_a_statement_is_recognised_and_landed(tmp_path: Path) -> None:
    landing = landed(tmp_path, statement([entry(details=detail())]))
    query = (
        "SELECT amount_minor, account, value_date::VARCHAR, occurred_at::VARCHAR, "
        "recorded_at::VARCHAR FROM bank_transactions"
    )
    assert landing.connection.execute(query).fetchall() == [
        (10_000, IBAN, "2024-01-16 00:00:00", "2024-01-15 00:00:00", "2024-01-31 22:00:00")
    ]


@pytest.mark.parametrize("version", ["02", "04", "08", "13"])
def test_every_version_from_02_on_is_read(tmp_path: Path, version: str) -> None:
    old = "<TxDtls><RltdPties><Dbtr><Nm>Old Buyer</Nm></Dbtr></RltdPties></TxDtls>"
    content = statement([entry(status=BOOKED_V02, details=old)], version=version)
    assert read(tmp_path, content)[0][0]["counterparty"] == "Old Buyer"


def test_a_debit_is_negative_and_the_other_side_is_who_was_paid(tmp_path: Path) -> None:
    paid = detail(name="Supplier", side="Cdtr")
    rows, findings = read(tmp_path, statement([entry(direction="DBIT", details=paid)], "50", "-50"))
    assert (rows[0]["amount"], rows[0]["counterparty"], findings) == ("-100.00", "Supplier", [])


def test_a_reversal_keeps_its_direction_and_is_named(tmp_path: Path) -> None:
    given_back = detail(name="Supplier", side="Cdtr")
    reversal = entry(more="<RvslInd>true</RvslInd>", details=given_back)
    rows, findings = read(tmp_path, statement([reversal]))
    assert findings == []
    assert [rows[0][name] for name in ("amount", "counterparty", "reference")] == [
        "100.00", "Supplier", "reversal: invoice 17",
    ]  # fmt: skip


def test_a_batch_that_adds_up_becomes_its_transactions(tmp_path: Path) -> None:
    details = detail("60.00", "A") + detail("40.00", "B")
    rows, findings = read(tmp_path, statement([entry(details=details)]))
    shown = [(row["transaction_no"], row["counterparty"], row["amount"]) for row in rows]
    assert shown == [("R1/1", "A", "60.00"), ("R1/2", "B", "40.00")]
    assert findings == []


@pytest.mark.parametrize(
    "details",
    [
        detail("60.00") + detail("41.00"),
        detail("60.00") + detail(),
        detail("60.00") + detail("40.00", currency="USD"),
    ],
)
def test_a_batch_that_does_not_add_up_stays_one_entry(tmp_path: Path, details: str) -> None:
    rows, findings = read(tmp_path, statement([entry(details=details)]))
    shown = [(row["transaction_no"], row["counterparty"], row["amount"]) for row in rows]
    assert shown == [("R1", "", "100.00")]
    assert findings == []


def test_entries_that_share_a_reference_keep_numbers_of_their_own(tmp_path: Path) -> None:
    entries = [entry("1"), entry("2"), entry("3", reference="NONREF"), entry("4", reference="X")]
    rows, _ = read(tmp_path, statement(entries, "0", "10"))
    assert [row["transaction_no"] for row in rows] == ["R1", "R1#2", "S1-3", "X"]


def test_what_is_not_booked_is_refused_and_does_not_count(tmp_path: Path) -> None:
    pending = entry("7", status="<Sts><Cd>PDNG</Cd></Sts>", reference="P")
    landing = landed(tmp_path, statement([pending, entry()]))
    refusals = landing.connection.execute("SELECT file_row, code, reason FROM refused").fetchall()
    assert refusals == [(1, "broken-row", "The entry is PDNG: only what is booked (BOOK) counts.")]
    assert "unbalanced-statement" not in {finding.code for finding in landing.findings}
    assert landing.counts[0].accepted == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (entry(direction="OTHR"), "The CdtDbtInd 'OTHR' is neither CRDT nor DBIT."),
        (entry("-5"), "The amount '-5' is none: it must be a number without a sign."),
        (entry("1_000"), "The amount '1_000' is none: it must be a number without a sign."),
        (entry(currency="XYZ"), "The currency 'XYZ' is none of ISO 4217."),
        (entry(currency="USD"), "The entry is in USD, its account in CNY."),
        (entry("1.005"), "The amount 1.005 has more than the 2 decimals of CNY."),
    ],
)
def test_an_entry_that_cannot_be_counted_says_why(tmp_path: Path, given: str, why: str) -> None:
    rows, _ = read(tmp_path, statement([given]))
    assert [row["broken"] for row in rows] == [why]


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("JPY", "1500", 1500), ("CNY", "15.5", 1550), ("KWD", "1.234", 1234)],
)
def test_currencies_of_no_two_and_three_decimals(
    tmp_path: Path, currency: str, amount: str, minor: int
) -> None:
    content = statement([entry(amount, currency=currency)], "0", amount, currency=currency)
    landing = landed(tmp_path, content, currency)
    query = "SELECT amount_minor, currency FROM bank_transactions"
    assert landing.connection.execute(query).fetchall() == [(minor, currency)]


def test_yen_have_no_decimals(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, statement([entry("1.5", currency="JPY")], currency="JPY"))
    assert rows[0]["broken"] == "The amount 1.5 has more than the 0 decimals of JPY."


def test_a_statement_in_another_currency_than_the_folder_is_refused_row_by_row(
    tmp_path: Path,
) -> None:
    landing = landed(tmp_path, statement([entry(currency="USD")], currency="USD"))
    reasons = landing.connection.execute("SELECT reason FROM refused").fetchall()
    assert reasons == [("The currency USD is not the CNY of the folder.",)]


def test_an_unbalanced_statement_is_an_error_and_its_rows_are_kept(tmp_path: Path) -> None:
    landing = landed(tmp_path, statement([entry()], closing="175.00"))
    (found,) = [f for f in landing.findings if f.code == "unbalanced-statement"]
    assert found.line() == (
        "error: statement.xml, statement S1: It opens with 50.00, its 1 entries come to 100.00, "
        "and yet it closes with 175.00 instead of 150.00. Entries are missing or altered: ask the "
        "bank for the statement again. Until then its rows are read as they are."
    )
    assert landing.counts[0].accepted == 1


def test_a_statement_without_balances_is_doubted(tmp_path: Path) -> None:
    (found,) = read(tmp_path, statement([entry()], closing=None))[1]
    assert found.line() == (
        "warning: statement.xml, statement S1: The statement has no opening and closing balance, "
        "so nothing shows that it is whole. Ask the bank for statements with booked balances "
        "(OPBD and CLBD)."
    )


def test_the_pages_of_a_statement_are_proved_by_interim_balances(tmp_path: Path) -> None:
    pages = balance("ITBD", "50.00") + balance("ITBD", "150.00")
    content = statement([pages, entry()], opening=None, closing=None)
    assert read(tmp_path, content)[1] == []


def test_times_without_a_zone_are_said(tmp_path: Path) -> None:
    landing = landed(tmp_path, statement([entry()], made="2024-02-01T06:00:00"))
    (found,) = [finding for finding in landing.findings if finding.code == "no-zone"]
    assert found.line() == (
        "note: statement.xml: Its recorded_at name no zone, so they count as UTC. If they are "
        "local, state their `time_zone` in a mapping, or write them with their zone, such as "
        "+08:00."
    )


def test_an_entry_without_a_date_is_refused(tmp_path: Path) -> None:
    landing = landed(tmp_path, statement([entry(day=""), entry(reference="R2")], closing="250"))
    reasons = landing.connection.execute("SELECT reason FROM refused").fetchall()
    assert reasons == [("The occurred_at is missing.",)]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Document>",
        f"<!DOCTYPE Document [{LAUGHS}]>",
        '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1/evil.dtd">',
    ],
)
def test_a_document_type_is_refused_before_it_can_do_anything(tmp_path: Path, doctype: str) -> None:
    content = statement([entry(details=detail(name="&l11;"))]).replace("\n", f"\n{doctype}\n", 1)
    assert refused(tmp_path, content) == (
        "xml-doctype: The file declares a document type, which can fetch other files or fill the "
        "memory. Nothing of it was read; a bank statement needs none. Ask for the file again."
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1, no element found"),
        (statement([entry()])[:-30], "line 4, unclosed token"),
        (statement([entry()]).replace("</Ntry>", ""), "line 4, mismatched tag"),
        (statement([entry(details=detail(name="&nbsp;"))]), "line 3, undefined entity."),
        (statement([entry()]).replace("UTF-8", "EUC-TW"), "line 1, unknown encoding"),
    ],
)
def test_broken_xml_says_where(tmp_path: Path, content: str, said: str) -> None:
    found = refused(tmp_path, content)
    assert found.startswith(f"broken-xml: The file is no whole XML: {said}")
    assert found.endswith("Nothing of it was read. Ask for the file again, or save it as UTF-8.")


@pytest.mark.parametrize("encoding", ["GB18030", "GBK", "UTF-16", "UTF-8"])
def test_a_statement_is_read_in_the_encoding_that_it_declares(
    tmp_path: Path, encoding: str
) -> None:
    content = statement([entry()]).replace("UTF-8", encoding)
    (tmp_path / "statement.xml").write_text(content, encoding=encoding)
    assert rows_of(tmp_path / "statement.xml")[0][0]["enterprise"] == "某商贸有限公司"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (statement([]).replace("camt.053.001.08", "camt.052.001.08"), "camt.052.001.08"),
        (statement([], version="01"), "camt.053.001.01"),
        ("<html/>", "html (no namespace)"),
    ],
)
def test_xml_of_another_kind_is_named(tmp_path: Path, content: str, kind: str) -> None:
    assert refused(tmp_path, content) == (
        f"no-statement: The file is no bank statement camt.053.001.02 or later, but {kind}. Ask "
        "the bank for end-of-day statements (camt.053), or send them as CSV."
    )


def test_a_bomb_without_a_document_type_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_stream, "LONGEST_ELEMENT", 1 << 20)
    monkeypatch.setattr(xml_stream, "LONGEST_TEXT", 1 << 18)
    monkeypatch.setattr(xml_stream, "MOST_PARTS", 10_000)
    bombs = ("<a>" * 100, "<a/>" * 20_000, "x" * (1 << 19), f"<!-- {'x' * (1 << 21)} -->")
    for bomb in bombs:
        content = statement([entry(more=f"<More>{bomb}</More>")])
        said = refused(tmp_path, content)
        assert "belongs to an element that is too large: more than 1 MB, 10,000 parts" in said


def peak_of(path: Path) -> int:
    tracemalloc.start()
    count = sum(1 for _ in camt_rows(path, []))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak if count else 0


def test_memory_does_not_grow_with_the_statement(tmp_path: Path) -> None:
    peaks = []
    for entries in (200, 4_000):
        days = (f"2024-01-{1 + n * 28 // entries:02d}" for n in range(entries))
        made = [entry(day=day, reference=f"R{n}") for n, day in enumerate(days)]
        peaks.append(peak_of(write(tmp_path, statement(made, None, None))))
    assert peaks[1] < 2 * peaks[0]


moves = st.lists(st.tuples(st.integers(0, 10**9), st.sampled_from(["CRDT", "DBIT"])), max_size=6)


@given(moves, st.integers(-(10**6), 10**6), st.integers(-3, 3))
def test_a_statement_balances_exactly_if_nothing_is_missing(
    tmp_path_factory: pytest.TempPathFactory, moved: list[tuple[int, str]], opening: int, off: int
) -> None:
    total = opening + sum(cents if side == "CRDT" else -cents for cents, side in moved)
    units = [f"{Decimal(cents) / 100:f}" for cents in (opening, total + off)]
    made = [
        entry(f"{Decimal(cents) / 100:f}", side, reference=f"R{n}")
        for n, (cents, side) in enumerate(moved)
    ]
    rows, findings = read(tmp_path_factory.mktemp("s"), statement(made, *units))
    assert sum(int(Decimal(row["amount"]) * 100) for row in rows) == total - opening
    assert [finding.code for finding in findings] == ["unbalanced-statement"] * bool(off)
