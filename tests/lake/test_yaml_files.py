"""YAML files are read whole, and a broken one names the line to mend."""

from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lake.yaml_files import read_yaml


def refusal_of(path: Path) -> str:
    with pytest.raises(InputProblem) as refusal:
        read_yaml(path, "mapping file", "Write one.")
    return str(refusal.value)


def test_a_table_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("é: [1, {b: true}]", encoding="utf-8")
    assert read_yaml(tmp_path / "a.yaml", "file", "") == {"é": [1, {"b": True}]}


def test_names_such_as_no_and_on_stay_words(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("{No: on, y: Yes, off: False, t: falsely}", encoding="utf-8")
    expected = {"No": "on", "y": "Yes", "off": False, "t": "falsely"}
    assert read_yaml(tmp_path / "a.yaml", "file", "") == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [b", "The mapping file is not YAML: line 1, column 6: expected ',' or ']', but got "),
        (
            b"a:\n\t- b",
            "is not YAML: line 2, column 1: found character '\\t' that cannot start any",
        ),
        (b"a: 1\nb: 2\na: 3", "is not YAML: line 3, column 1: the key 'a' stands twice."),
        (b"? [a]\n: b", "is not YAML: line 1, column 3: found unhashable key."),
        (b"a: \x07", "is not YAML: unacceptable character #x0007: special characters are not all"),
        (b"a: 2020-13-45", "The mapping file is not YAML: month must be in 1..12."),
        (b"[" * 5000, "The mapping file is not YAML: maximum recursion depth exceeded"),
        ("a: é".encode("latin-1"), "The mapping file is not written in UTF-8. Save it as UTF-8."),
    ],
)
def test_a_broken_file_names_the_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    answer = refusal_of(tmp_path / "a.yaml")
    assert message in answer
    assert len(answer.splitlines()) == 1


def test_a_missing_file_and_a_folder_say_what_to_do(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "b.yaml").endswith("There is no such mapping file. Write one.")
    assert refusal_of(tmp_path).endswith("A folder is no mapping file. Write one.")
