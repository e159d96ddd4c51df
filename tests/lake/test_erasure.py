"""Erasure: the values are gone, the rows are there, the chain holds, and nothing else changes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lake.kills import REPOSITORY
from tests.lake.lakes import FAR, HEADER, day, new_lake, orders_mapping
from tests.lake.persons import BANK, FIRMS, OWNERS, forget, shown, stored, tell
from tests.lake.test_verification import line
from tradeline.kernel.findings import InputProblem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.certificates import certificate, check_certificate
from tradeline.lake.compaction import compact
from tradeline.lake.erasure import hold, planned, release
from tradeline.lake.folders import land_folder
from tradeline.lake.log import entry_path
from tradeline.lake.records import Assurance
from tradeline.lake.sealing import plainly
from tradeline.lake.store import open_lake, sweep
from tradeline.lake.verification import Verified, verify


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = new_lake(tmp_path)
    tell(root, "a", enterprises=FIRMS, bank_transactions=BANK, owners=OWNERS)
    return root


def refusal(root: Path, *subjects: str, reason: str = "asked by letter") -> str:
    with pytest.raises(InputProblem) as caught:
        forget(root, *subjects, reason=reason)
    return str(caught.value)


def whole(root: Path) -> Verified:
    found = verify(root, lambda _: None)
    assert found.bad is None
    return found


def test_a_plan_counts_rows_and_changes_nothing(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()}
    plan = planned(root, "E1")
    assert plan.rows == {"enterprise:E1": {"enterprises": 1, "bank_transactions": 2}}
    assert planned(root, "owner_no:P1").rows == {"owner_no:P1": {"owners": 2}}
    after = {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()}
    assert after == before


def test_erased_values_read_as_null_and_erased_and_all_others_stay(root: Path) -> None:
    done = forget(root, "E1")
    assert done.entry
    assert done.entry.number == 2
    query = "SELECT enterprise, transaction_no, counterparty, amount_minor, erased"
    assert shown(root, f"{query} FROM bank_transactions ORDER BY ALL") == [
        ("E1", "1", None, 1000, True),
        ("E1", "2", None, 2000, True),
        ("E2", "1", "Wang Wu", 3000, False),
    ]
    assert shown(root, "SELECT owner, erased FROM owners") == [("Zhang San", False)] * 2


def test_a_query_that_needs_an_erased_value_says_so_and_one_that_does_not_is_answered(
    root: Path,
) -> None:
    forget(root, "E1")
    connection = open_lake(root).connect(FAR, FAR)
    query = "SELECT name FROM enterprises WHERE enterprise = ?"
    assert connection.execute(query, ["E2"]).fetchall() == [("Li Si",)]
    pseudonym = open_lake(root).keys().pseudonym("enterprise:E1")
    with pytest.raises(InputProblem) as caught, plainly():
        connection.execute(query, ["E1"]).fetchall()
    assert str(caught.value) == (
        "error: enterprises.name: A value is erased: the key of its subject "
        f"{pseudonym} was destroyed. Leave out what needs it, or read with show_erased and say "
        "that it is erased."
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(name) FROM enterprises",
        "SELECT count(DISTINCT counterparty) FROM bank_transactions",
        "SELECT * FROM told_enterprises",
        "CREATE TABLE copy AS SELECT * FROM enterprises",
        "SELECT 1 FROM enterprises WHERE name IS NULL",
        "SELECT 1 FROM enterprises WHERE name IS NOT NULL",
        "SELECT coalesce(name, 'nobody') FROM enterprises",
        "SELECT enterprise FROM enterprises ORDER BY name",
        "SELECT 1 FROM bank_transactions b JOIN owners o ON b.counterparty = o.owner",
        "SELECT TRY(name) FROM enterprises",
        "SELECT TRY_CAST(name AS INTEGER) FROM enterprises",
    ],
)
def test_no_query_gives_another_answer(root: Path, query: str) -> None:
    forget(root, "E1")
    with pytest.raises(InputProblem, match="A value is erased"), plainly():
        open_lake(root).connect(FAR, FAR).execute(query).fetchall()


def test_a_replay_of_what_was_known_before_says_erased_too(root: Path) -> None:
    forget(root, "E1")
    connection = open_lake(root).connect(day(3), day(3), entry=1)
    with pytest.raises(InputProblem, match="A value is erased"), plainly():
        connection.execute("SELECT name FROM enterprises").fetchall()


def test_who_opened_the_lake_before_the_erasure_is_told_too(root: Path) -> None:
    connection = open_lake(root).connect(FAR, FAR, show_erased=True)
    forget(root, "E1")
    with pytest.raises(InputProblem, match="A value is erased"), plainly():
        connection.execute("SELECT name FROM enterprises").fetchall()


def test_the_lake_is_whole_after_erasure_compaction_and_sweeping(root: Path) -> None:
    forget(root, "E1", "owner_no:P1")
    assert whole(root) == Verified(entries=2, files=6, rows=7, erased=2)
    tell(root, "b", 5, enterprises=[{"enterprise": "E2", "name": "Li Wu"}])
    compact(root, lambda _: None)
    sweep(root, lambda _: None)
    assert whole(root).erased == 2
    assert shown(root, "SELECT name FROM enterprises ORDER BY enterprise") == [(None,), ("Li Wu",)]


def test_to_erase_again_changes_nothing_and_gives_the_entry(root: Path) -> None:
    first = forget(root, "E1")
    again = forget(root, "E1", at=200)
    assert (first.again, again.again, again.entry) == (False, True, first.entry)
    assert len(open_lake(root).entries) == 2


def test_an_erased_subject_that_is_told_again_stays_erased(root: Path) -> None:
    forget(root, "E1")
    landed = tell(root, "b", 5, enterprises=FIRMS, bank_transactions=BANK)
    assert landed.record.told["enterprises"].repeated == 2
    assert landed.record.told["bank_transactions"].repeated == 3
    landed = tell(root, "c", 6, enterprises=[{"enterprise": "E1", "name": "X", "country": "CN"}])
    assert [finding.line() for finding in landed.findings if finding.code == "erased-subject"] == [
        "warning: enterprises: 1 row tell of subjects that were erased. Their personal values are "
        "not kept; ask the source to leave them out."
    ]
    assert shown(root, "SELECT name, country, erased FROM enterprises ORDER BY enterprise") == [
        (None, "CN", True), ("Li Si", None, False),
    ]  # fmt: skip
    with pytest.raises(InputProblem, match="A value is erased"), plainly():
        open_lake(root).connect(FAR, FAR).execute("SELECT name FROM enterprises").fetchall()
    assert whole(root).erased == 1


def test_a_firm_that_turns_out_to_be_a_sole_trader_is_erased_like_any_other(root: Path) -> None:
    row = {"enterprise": "E1", "legal_form": "sole_trader", "representative": "Zhang San"}
    tell(root, "b", 5, registrations=[row])
    assert forget(root, "E1").rows == {
        "enterprise:E1": {"enterprises": 1, "bank_transactions": 2, "registrations": 1}
    }
    assert shown(root, "SELECT representative, legal_form FROM registrations") == [
        (None, "sole_trader")
    ]


def land_refused(root: Path, batch: str, content: str) -> None:
    folder = root.parent / batch
    folder.mkdir()
    line = f"{content},1,B1,much,placed,2024-01-01,2024-01-02"
    (folder / "orders.csv").write_text(f"{HEADER}\n{line}", encoding="utf-8")
    who = ("shop", Assurance.PLATFORM_OBSERVED)
    land_folder(root, folder, orders_mapping(), *who, lambda _: None, batch, day(2))


def test_refused_rows_that_tell_of_a_subject_are_erased_with_it(root: Path) -> None:
    land_refused(root, "by id", "E1")
    land_refused(root, "by name", "Zhang San Trading")
    land_refused(root, "of another", "E7")
    done = forget(root, "E1")
    assert sorted(done.rows) == ["batch:by id", "batch:by name", "enterprise:E1"]
    texts = shown(root, "SELECT batch, content IS NULL, erased FROM refused ORDER BY batch")
    assert texts == [("by id", True, True), ("by name", True, True), ("of another", False, False)]
    assert whole(root).erased == 3


def test_the_text_of_a_batch_of_refused_rows_can_be_erased(root: Path) -> None:
    land_refused(root, "b", "E9")
    assert forget(root, "batch:b").rows == {"batch:b": {"refused": 1}}
    assert shown(root, "SELECT content, code FROM refused") == [(None, "bad-value")]


@pytest.mark.parametrize(
    "subject", ["E9", "owner_no:P9", "owner_no:", "batch:a", "", "guarantor_no:P1"]
)
def test_a_subject_that_the_lake_does_not_know_is_refused(root: Path, subject: str) -> None:
    assert refusal(root, subject).endswith(
        "Write the id of the firm, owner_no:ID, guarantor_no:ID, or batch:ID for refused rows."
    )
    assert "The lake keeps nothing of " in refusal(root, subject)


def test_a_lake_without_personal_data_has_nobody_to_erase(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    assert "The lake keeps nothing of enterprise:E1." in refusal(root, "E1")


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 501])
def test_an_erasure_without_a_reason_is_refused(root: Path, reason: str) -> None:
    assert refusal(root, "E1", reason=reason) == (
        "error: --reason: The log keeps why a subject was erased or held; this is no reason. "
        "Write one line of up to 500 characters."
    )


def test_a_reason_that_names_the_subject_is_refused(root: Path) -> None:
    assert "The reason names the subject, and the log keeps it for ever." in refusal(
        root, "E1", reason="E1, by letter"
    )


def test_one_subject_that_cannot_be_erased_keeps_all(root: Path) -> None:
    assert "nothing of enterprise:E9" in refusal(root, "E1", "E9")
    assert shown(root, "SELECT count(name) FROM enterprises") == [(2,)]


def test_a_legal_hold_forbids_erasure_until_it_is_released(root: Path) -> None:
    hold(root, "E1", "case 3", day(50), lambda _: None)
    assert refusal(root, "E1") == (
        "error: log/00000002.json: enterprise:E1 is under a legal hold and is not erased: case 3. "
        "Release the hold first: tradeline lake release."
    )
    with pytest.raises(InputProblem, match="under a legal hold already: case 3"):
        hold(root, "E1", "case 4", day(51), lambda _: None)
    release(root, "E1", "case closed", day(60), lambda _: None)
    with pytest.raises(InputProblem, match="No legal hold stands"):
        release(root, "E1", "case closed", day(61), lambda _: None)
    assert not forget(root, "E1").again
    with pytest.raises(InputProblem, match="there is nothing left to hold"):
        hold(root, "E1", "case 5", day(70), lambda _: None)
    assert whole(root).erased == 1


def test_a_restored_key_is_found_refused_and_destroyed_again(root: Path) -> None:
    ring = root.parent / "lake.key.subjects"
    backup = ring.read_bytes()
    forget(root, "E1")
    ring.write_bytes(backup)
    said = "1 key of erased subjects came back, the first that of "
    assert said in line(root)
    with pytest.raises(InputProblem, match=said):
        tell(root, "b", enterprises=FIRMS)
    connection = open_lake(root).connect(FAR, FAR)
    with pytest.raises(InputProblem, match="A value is erased"), plainly():
        connection.execute("SELECT name FROM enterprises WHERE enterprise = 'E1'").fetchall()
    with pytest.raises(InputProblem, match=said), plainly():
        connection.execute("SELECT name FROM enterprises WHERE enterprise = 'E2'").fetchall()
    assert not forget(root, "E1", at=200).again
    assert whole(root).erased == 1


def forge(root: Path, number: int, old: str, new: str) -> None:
    """Alter an entry and give it the hash that it then has."""
    path = entry_path(root, number)
    table = json.loads(path.read_text("utf-8").replace(old, new))
    table.pop("hash")
    table["hash"] = hash_bytes(canonical_json(table).encode())
    path.write_text(canonical_json(table) + "\n", encoding="utf-8")


def test_an_altered_erasure_is_named(root: Path) -> None:
    forget(root, "E1")
    forge(root, 2, "asked by letter", "asked by a judge")
    said = "error: log/00000002.json: The erasure was not signed by who holds the lake's key. "
    assert line(root) == f"{said}Bring the lake back from a copy."
    assert refusal(root, "E2").startswith(said)


def test_an_erasure_that_another_forged_is_named(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    another = new_lake(other)
    tell(another, "a", enterprises=FIRMS)
    forget(another, "E1")
    text = entry_path(another, 2).read_text("utf-8")
    before = open_lake(another).entries[0].hash
    entry_path(root, 2).write_text(text, encoding="utf-8")
    forge(root, 2, before, open_lake_hash(root))
    assert "The erasure was not signed by who holds the lake's key." in line(root)


def open_lake_hash(root: Path) -> str:
    return str(json.loads(entry_path(root, 1).read_text("utf-8"))["hash"])


def test_a_tampered_file_of_an_erased_subject_is_named(root: Path) -> None:
    forget(root, "E1")
    (file, *_) = open_lake(root).files_of("enterprises")
    content = bytearray((root / file.path).read_bytes())
    content[len(content) // 2] ^= 1
    (root / file.path).write_bytes(content)
    assert "The file was altered: its hash is " in line(root)


def test_without_the_keys_verify_checks_the_rest_and_says_so(root: Path) -> None:
    forget(root, "E1")
    (root.parent / "lake.key").rename(root.parent / "away")
    found = whole(root)
    assert found.erased == 1
    assert found.notes[0].line().startswith(f"note: {root}.key: The file of keys cannot be read")


def test_a_certificate_can_be_checked_by_a_third_party_without_and_with_the_keys(
    root: Path, tmp_path: Path
) -> None:
    entry = forget(root, "E1").entry
    assert entry
    table = json.loads(json.dumps(certificate(open_lake(root), entry)))
    lake = open_lake(Path(shutil.copytree(root, tmp_path / "third" / "lake")))
    assert (checked := check_certificate(lake, table, None)).rows == 3
    assert (checked.values, checked.keys) == (2, 0)
    assert check_certificate(lake, table, open_lake(root).keys()).keys == 2
    for file in table["files"]:
        assert file["sha256"] in {item.sha256 for item in lake.files}


def test_a_certificate_that_does_not_hold_is_refused(root: Path, tmp_path: Path) -> None:
    ring = root.parent / "lake.key.subjects"
    backup = ring.read_bytes()
    keys = open_lake(root).keys()
    entry = forget(root, "E1").entry
    assert entry
    lake = open_lake(root)
    table = certificate(lake, entry)
    with pytest.raises(InputProblem, match="opens a value of the erased"):
        check_certificate(lake, table, keys)
    for wrong, said in (
        ({}, "This is no certificate of an erasure."),
        (table | {"lake": "sha256:0"}, "The certificate is of another lake."),
        (table | {"entry": table["entry"] | {"number": 9}}, "The log holds no such erasure"),
    ):
        with pytest.raises(InputProblem, match=said):
            check_certificate(lake, wrong, None)
    ring.write_bytes(backup)
    with pytest.raises(InputProblem, match="came back"):
        lake.keys()


def test_an_erasure_beside_a_landing_waits_its_turn(root: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.lake.persons import *; "
        "r = Path(sys.argv[1]); "
        "[tell(r, f'b{n}', enterprises=[{'enterprise': f'F{n}', 'name': 'X'}]) for n in range(4)]"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(root)], cwd=REPOSITORY)
    done = [forget(root, subject) for subject in ("E1", "E2", "owner_no:P1")]
    assert writer.wait(60) == 0
    assert not any(item.again for item in done)
    assert whole(root).erased == 3
    names = shown(root, "SELECT enterprise, name FROM enterprises ORDER BY ALL")
    assert names == [("E1", None), ("E2", None), *((f"F{number}", "X") for number in range(4))]


def test_erasing_leaves_every_stored_byte_of_the_rows(root: Path) -> None:
    before = stored(root, "enterprises")
    forget(root, "E1")
    assert stored(root, "enterprises") == before
