"""`tradeline features` from its command line."""

import json
import subprocess
import sys

import pytest

from tradeline.cli.main import main
from tradeline.creditfile.features.catalogue import FEATURES, catalogue_markdown, catalogue_text


def test_the_catalogue_is_printed_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["features"]) == 0
    assert capsys.readouterr().out == catalogue_text(FEATURES)


def test_the_catalogue_is_printed_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["features", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == catalogue_markdown(FEATURES)


@pytest.mark.parametrize("source", ["invoices", "orders", "bank", "conduct", "partners"])
def test_only_features_of_a_source_are_printed(
    source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["features", "--source", source, "--format", "json"]) == 0
    shown = [record["name"] for record in json.loads(capsys.readouterr().out)]
    assert shown == [feature.name for feature in FEATURES if feature.source == source]


def test_an_unknown_source_is_refused_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["features", "--source", "rumours"])
    assert refusal.value.code == 2
    assert "invalid choice: 'rumours' (choose from" in capsys.readouterr().err


def test_the_catalogue_needs_no_heavy_library() -> None:
    code = (
        "import sys; from tradeline.cli.main import main; main(['features']);"
        "sys.exit(bool({'numpy', 'duckdb', 'sqlglot'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
        == 0
    )
