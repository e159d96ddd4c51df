"""The loans of the guide are those that the script writes."""

from pathlib import Path

from tests.risk.modelling.example_loans import FOLDER, main


def test_the_example_is_what_the_script_writes(tmp_path: Path) -> None:
    main(tmp_path)
    for name in ("loans.csv", "later.csv", "applicants.csv"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
