"""The log of decisions: chained, whole, and replayed to the bit."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.risk.decisions.made import AT, engine, engine_with_pairs, malformed, sound
from tradeline.kernel.findings import InputProblem
from tradeline.lake.columns import objects, read_columns, write_columns
from tradeline.lake.revocations import Revocation
from tradeline.lake.signatures import make_signing_key, read_public_key, signing_by
from tradeline.risk.decisions.application import Application, as_columns
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import Entry, append, read_log, require_entries, verify
from tradeline.risk.decisions.measures import Measure, as_items
from tradeline.risk.decisions.record import decision_at
from tradeline.risk.decisions.replay import Replayed, replay
from tradeline.risk.decisions.seen import applications_of, seen_columns

MEASURES = (Measure("m-1", 250_000_00, "services"),)


def some(count: int, seed: int) -> list[Application]:
    generator = np.random.default_rng(seed)
    return [malformed(generator, n)[0] if n % 4 == 0 else sound(generator, n) for n in range(count)]


def logged(
    root: Path,
    count: int = 60,
    seed: int = 1,
    sign: Callable[[str], str] | None = None,
    made: Callable[[], Engine] = engine,
) -> tuple[Entry, list[Application]]:
    applications = some(count, seed)
    columns = as_columns(applications)
    records = decide_all(columns, made(), AT, MEASURES) | seen_columns(columns)
    entry = append(root, records, made().hash, made().files, AT, as_items(MEASURES), sign=sign)
    return entry, applications


@pytest.mark.parametrize("made", [engine, engine_with_pairs])
def test_what_was_logged_is_decided_again_to_the_bit(
    tmp_path: Path, made: Callable[[], Engine]
) -> None:
    entry, _ = logged(tmp_path / "log", 300, made=made)
    assert replay(tmp_path / "log", entry, made()) == Replayed(300, ())


def test_a_record_is_read_back_as_it_was_made(tmp_path: Path) -> None:
    entry, applications = logged(tmp_path / "log")
    columns = read_columns(tmp_path / "log" / entry.file)
    seen = applications_of(columns)
    for row, one in enumerate(applications):
        made = decide(one, engine(), AT, MEASURES)
        read = decision_at(columns, row, engine(), seen, AT)
        for field in ("decision", "points", "score", "pd", "grade", "hits", "outcome", "offered",
                      "reasons", "changes", "consent_until"):  # fmt: skip
            assert getattr(read, field) == getattr(made, field)


def test_entries_name_the_one_before(tmp_path: Path) -> None:
    first, _ = logged(tmp_path / "log", seed=1)
    second, _ = logged(tmp_path / "log", seed=2)
    text = (tmp_path / "log" / "log" / "00000002.json").read_text()
    assert first.hash in text
    assert second.hash in text
    assert read_log(tmp_path / "log") == (first, second)
    assert verify(tmp_path / "log") == ()


def test_a_changed_batch_and_a_changed_entry_are_found(tmp_path: Path) -> None:
    root = tmp_path / "log"
    entry, _ = logged(root)
    logged(root, seed=2)
    columns = read_columns(root / entry.file)
    row = int(np.flatnonzero(columns["outcome"] == "decline")[0])
    columns["outcome"][row] = "approve"
    write_columns(columns, root / entry.file)
    assert [finding.code for finding in verify(root)] == ["batch-changed"]
    assert [m.column for m in replay(root, entry, engine()).mismatches] == ["outcome"]
    path = root / "log" / "00000001.json"
    path.write_text(path.read_text().replace('"rows":60', '"rows":61'))
    with pytest.raises(InputProblem, match="does not have the hash it states"):
        read_log(root)


def test_an_entry_that_is_gone_is_missed(tmp_path: Path) -> None:
    logged(tmp_path / "log", seed=1)
    logged(tmp_path / "log", seed=2)
    (tmp_path / "log" / "log" / "00000001.json").unlink()
    with pytest.raises(InputProblem, match="does not follow the line before it"):
        read_log(tmp_path / "log")


def test_a_torn_entry_is_named(tmp_path: Path) -> None:
    logged(tmp_path / "log")
    path = tmp_path / "log" / "log" / "00000001.json"
    path.write_text(path.read_text()[:40])
    with pytest.raises(InputProblem, match="torn"):
        read_log(tmp_path / "log")


def test_what_a_killed_writer_leaves_is_no_part_of_the_log(tmp_path: Path) -> None:
    root = tmp_path / "log"
    entry, _ = logged(root)
    (root / "log" / "00000001.json").unlink()
    again, _ = logged(root)
    assert again == entry
    assert [e.number for e in read_log(root)] == [1]


def test_who_vouches_for_a_batch_is_checked(tmp_path: Path) -> None:
    root, key = tmp_path / "log", tmp_path / "officer.key"
    signer = read_public_key(make_signing_key(key))
    stranger = read_public_key(make_signing_key(tmp_path / "stranger.key"))
    entry, _ = logged(root, sign=signing_by(key))
    assert verify(root, signer) == ()
    day = datetime.fromisoformat(entry.at).date()
    for from_day, codes in ((day, ["revoked-key"]), (day + timedelta(days=1), [])):
        revoked = (Revocation(signer, from_day, "it was stolen"),)
        assert [finding.code for finding in verify(root, signer, revoked)] == codes
    assert [finding.code for finding in verify(root, stranger)] == ["other-signer"]
    logged(root, seed=2)
    (finding,) = verify(root, signer)
    assert (finding.code, finding.where) == ("not-signed", "batch 2")
    (signature,) = (root / "signatures").iterdir()
    signature.write_text(signature.read_text().replace(entry.hash, read_log(root)[1].hash))
    assert [finding.code for finding in verify(root, signer)] == ["bad-signature", "not-signed"]
    assert verify(root) == ()


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputProblem, match="something else than a log"):
        logged(tmp_path)
    with pytest.raises(InputProblem, match="This is no log of decisions"):
        require_entries(tmp_path)


def test_a_text_that_is_missing_is_missing_again(tmp_path: Path) -> None:
    one, other = some(3, 1)[1:]
    columns = as_columns([one, replace(other, values={**other.values, "sector": None})])
    records = decide_all(columns, engine(), AT) | seen_columns(columns)
    entry = append(tmp_path / "log", records, engine().hash, engine().files, AT)
    kept = applications_of(read_columns(tmp_path / "log" / entry.file))
    assert kept.values["sector"].tolist() == [one.values["sector"], None]
    assert replay(tmp_path / "log", entry, engine()) == Replayed(2, ())


def test_malformed_values_are_kept_and_found_malformed_again(tmp_path: Path) -> None:
    entry, applications = logged(tmp_path / "log", 400)
    texts = [
        json.loads(text)
        for name, column in read_columns(tmp_path / "log" / entry.file).items()
        if name.startswith("value_json.")
        for text in column.tolist()
    ]
    assert any(isinstance(value, dict) and "type" in value for value in texts)
    assert not replay(tmp_path / "log", entry, engine()).mismatches
    assert len(applications) == 400


def test_what_came_as_no_number_stands_in_the_log_as_json_of_the_standard(tmp_path: Path) -> None:
    entry, _ = logged(tmp_path / "log", 300)
    columns = read_columns(tmp_path / "log" / entry.file)
    texts = [text for name in columns if "_json." in name for text in columns[name].tolist()]
    assert '{"number": "inf"}' in texts
    for text in texts:
        json.loads(text, parse_constant=pytest.fail)


def test_a_log_of_before_that_names_no_numbers_as_python_does_is_still_read(tmp_path: Path) -> None:
    entry, _ = logged(tmp_path / "log", 300)
    columns = read_columns(tmp_path / "log" / entry.file)
    words = {
        '{"number": "nan"}': "NaN", '{"number": "inf"}': "Infinity",
        '{"number": "-inf"}': "-Infinity",
    }  # fmt: skip
    before = {
        name: objects([words.get(text, text) for text in column.tolist()])
        if "_json." in name else column
        for name, column in columns.items()
    }  # fmt: skip
    second = append(tmp_path / "old", before, engine().hash, engine().files, AT, as_items(MEASURES))
    assert replay(tmp_path / "old", second, engine()) == Replayed(300, ())
