"""`tradeline ledger` from its command line: a lender's books from account to proof."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book.migrating import migrate_apart
from tests.book.servers import ABSENT, is_installed, server_folder
from tradeline.cli.main import main

Printed = pytest.CaptureFixture[str]
ACCOUNTS = """\
{"code": "cash", "currency": "CNY", "kind": "asset", "least_minor": 0}
{"code": "capital", "currency": "CNY", "kind": "equity"}
{"code": "loans", "currency": "CNY", "kind": "asset"}
"""


def entry(
    key: str, amount: int, debit: str = "cash", credit: str = "capital", **more: object
) -> str:
    postings = [
        {"account": debit, "debit_minor": amount, "currency": "CNY"},
        {"account": credit, "credit_minor": amount, "currency": "CNY"},
    ]
    told = {"key": key, "value_date": "2026-01-05", "kind": "test", "postings": postings}
    return json.dumps(told | more) + "\n"


@pytest.fixture(scope="module")
def book() -> Iterator[Path]:
    if not is_installed():
        pytest.skip(ABSENT)
    from tradeline.book.server import start

    with server_folder() as folder:
        start(folder)
        migrate_apart(folder)
        yield folder


@pytest.fixture(autouse=True)
def _own(monkeypatch: pytest.MonkeyPatch, book: Path, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "TRADELINE_DATABASE_URL_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRADELINE_BOOK", str(book))
    monkeypatch.chdir(tmp_path)


def ledger(*words: str) -> int:
    return main(["ledger", *words])


def opened(name: str, *entries: str) -> None:
    Path("accounts.jsonl").write_text(ACCOUNTS, encoding="utf-8")
    Path("entries.jsonl").write_text("".join(entries), encoding="utf-8")
    assert ledger("open", name, "--late", "adjust") == 0
    assert ledger("accounts", "accounts.jsonl", "--ledger", name) == 0


def post(name: str, *entries: str) -> int:
    Path("entries.jsonl").write_text("".join(entries), encoding="utf-8")
    return ledger("post", "entries.jsonl", "--ledger", name)


def test_the_life_of_a_ledger(capsys: Printed) -> None:
    opened("north", entry("a", 500))
    assert post("north", entry("a", 500), "\n", entry("b", 200, "loans", "cash")) == 0
    hold = entry("hold", 50, "loans", "cash", pending=True)
    undone = '{"key": "undo", "reverses": "b", "value_date": "2026-01-20"}\n'
    assert post("north", hold, undone) == 0
    assert ledger("seal") == 0
    capsys.readouterr()
    assert ledger("balances", "--ledger", "north") == 0
    assert ledger("balances", "--ledger", "north", "--valued-on", "2026-01-19") == 0
    assert ledger("balances", "--ledger", "north", "--known-at", "1") == 0
    assert capsys.readouterr().out == (
        "capital  CNY  -500\ncash  CNY  500  held 0 / -50\nloans  CNY  0  held 50 / 0\n"
        "capital  CNY  -500\ncash  CNY  300\nloans  CNY  200\n"
        "capital  CNY  -500\ncash  CNY  500\nloans  CNY  0\n"
    )
    assert ledger("close", "2026-01-31", "--ledger", "north") == 0
    assert post("north", entry("late", 1)) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "The books of north are closed through 2026-01-31."
    assert json.loads(told[1])["booking_date"] == "2026-02-01"
    assert ledger("balances", "--ledger", "north", "--periods", "--valued-on", "2026-01-31") == 0
    assert capsys.readouterr().out.splitlines()[1] == "cash  CNY  500"


def test_verification_tells_what_to_keep_and_holds_to_it(capsys: Printed, book: Path) -> None:
    opened("proved", entry("a", 500))
    assert post("proved", entry("a", 500)) == 0
    capsys.readouterr()
    assert ledger("verify", "--ledger", "proved") == 0
    line = capsys.readouterr().out
    head = line.split("(")[1].split(")")[0]
    assert line == f"proved: sealed up to 1 ({head}), 0 unsealed, 2 postings: it holds.\n"
    assert ledger("verify", "--ledger", "proved", "--anchor", f"1:{head}") == 0
    assert ledger("verify", "--ledger", "proved", "--anchor", f"2:{head}") == 1
    assert "error: entry 2: The ledger ends before entry 2." in capsys.readouterr().out
    assert ledger("verify", "--ledger", "proved", "--anchor", "1") == 2
    assert capsys.readouterr().err == (
        "error: --anchor: '1' is no number and hash. Write them as verify prints them, such as "
        "120:sha256:….\n"
    )


def test_what_is_altered_ends_with_code_1(capsys: Printed, book: Path) -> None:
    import psycopg

    from tradeline.book.server import running

    opened("altered", entry("a", 500))
    assert post("altered", entry("a", 500), entry("b", 5)) == 0
    assert ledger("seal") == 0
    server = running(book)
    assert server
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("ALTER TABLE ledger_entry DISABLE TRIGGER append_only")
        connection.execute("UPDATE ledger_entry SET kind = 'x' WHERE key = 'b'")
        connection.execute("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER append_only")
    capsys.readouterr()
    assert ledger("verify", "--ledger", "altered") == 1
    assert capsys.readouterr().out.splitlines()[1] == (
        "error: entry 2: It was altered: it does not have the hash of its seal. Bring the book "
        "back from a backup; what stands before this entry is sound."
    )


SEE = "See docs/guides/ledger.md."
LINES = [
    ("{", "This is no JSON."),
    ("[]", "This is no object."),
    (entry("x", 1, memo="?"), "`memo` is no field; known are about, key, kind, pending, postings, "
     "reverses, value_date."),
    (entry("x", -5), "`debit_minor` is -5: state an amount above zero."),
    (entry("x", 0), "`debit_minor` is 0: state an amount above zero."),
    (entry("x", 5).replace('"debit_minor": 5', '"debit_minor": 5.0'),
     "`debit_minor` is 5.0, no whole number of minor units."),
    (entry("x", 5).replace('"debit_minor"', '"credit_minor": 5, "debit_minor"'),
     "A posting states one of `debit_minor` and `credit_minor`."),
    (entry("x", 5, value_date="5.1.2026"), "`value_date` is no date: write it like 2026-12-31."),
    (entry("x", 5, pending="no"), "`pending` is neither true nor false."),
    (entry("x", 5, postings={}), "`postings` is no list of objects."),
    (entry("", 5), "`key` is missing or no text."),
]  # fmt: skip


def test_every_line_that_is_no_entry_is_named(capsys: Printed) -> None:
    opened("lines")
    before = capsys.readouterr()
    assert post("lines", *(line.strip() + "\n" for line, _ in LINES)) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"error: entries.jsonl:{number}: {message} {SEE}"
        for number, (_, message) in enumerate(LINES, start=1)
    ]
    assert before.err == ""


WRONG = [
    (["post", "gone.jsonl", "--ledger", "wrong"],
     "error: gone.jsonl: The file cannot be read. Name a file of JSON Lines in UTF-8."),
    (["balances", "--ledger", "wrong", "--valued-on", "soon"],
     "error: --valued-on: 'soon' is no date. Write it like 2024-12-31."),
    (["close", "soon", "--ledger", "wrong"],
     "error: DATE: 'soon' is no date. Write it like 2024-12-31."),
    (["verify", "--ledger", "nobody"],
     "error: ledger: No ledger is open here. Open it with `tradeline ledger open`."),
    (["post", "entries.jsonl", "--ledger", "nobody"],
     "error: ledger: No ledger is open here. Open it with `tradeline ledger open`."),
    (["close", "2026-01-31", "--ledger", "nobody"],
     "error: ledger: No ledger is open here. Open it with `tradeline ledger open`."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), WRONG)
def test_a_wrong_word_is_told(capsys: Printed, words: list[str], message: str) -> None:
    opened("wrong", entry("a", 5))
    capsys.readouterr()
    assert ledger(*words) == 2
    assert capsys.readouterr().err == message + "\n"


def test_what_cannot_be_reversed_is_told(capsys: Printed) -> None:
    opened("reversing")
    assert post("reversing", '{"key": "u", "reverses": "none", "value_date": "2026-01-20"}\n') == 2
    assert capsys.readouterr().err == (
        "error: entry u: There is no entry none to reverse. Look up its key.\n"
    )


def test_a_book_without_tables_says_what_to_run(capsys: Printed) -> None:
    from tradeline.book.server import start

    with server_folder() as folder:
        start(folder)
        assert ledger("seal", "--data", str(folder)) == 2
    assert capsys.readouterr().err == (
        "error: book: The book has no tables yet. Run `tradeline book migrate`.\n"
    )


def test_the_command_line_stays_light() -> None:
    from tests.book.migrating import python_apart

    program = (
        "import sys\nfrom tradeline.cli.main import main\n"
        "try:\n    main(['ledger', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'django', 'psycopg', 'numpy'} & set(sys.modules)))"
    )
    assert python_apart(program).splitlines()[-1] == "[]"
