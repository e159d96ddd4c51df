"""The manifest names what decided, by content and not by place."""

from pathlib import Path

from tradeline.kernel.hashing import hash_bytes
from tradeline.risk.manifest import code_entry, file_entries, parameter_entries


def test_a_file_is_named_without_its_folder(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_bytes(b"x")
    (entry,) = file_entries("input", [tmp_path / "sales.csv"])
    assert (entry.kind, entry.name, entry.digest) == ("input", "sales.csv", hash_bytes(b"x"))


def test_the_code_has_one_hash_that_repeats_itself() -> None:
    assert code_entry() == code_entry()
    assert code_entry().name.startswith("tradeline ")


def test_every_file_of_parameters_is_named() -> None:
    names = {entry.name for entry in parameter_entries()}
    assert {"pricing.yaml", "grades.yaml", "scoring.yaml", "industries.yaml"} <= names
