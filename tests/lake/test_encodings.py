"""An encoding is told the same whether a file is read at once or block by block."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lake import encodings
from tradeline.lake.encodings import UTF_8, encoding_of

TEXTS = st.text(st.sampled_from("ab,\n发票ü€𝄞"), min_size=1, max_size=40)


@given(TEXTS, st.integers(1, 9))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_sign_may_lie_across_two_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, size: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(encodings, "SAMPLE_BYTES", size)
    assert encoding_of(path) == UTF_8


def test_a_file_that_ends_within_a_sign_is_not_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("企业,金额\n一,1\n".encode() + "票".encode()[:2])
    with pytest.raises(InputProblem, match=r"a\.csv: The file is no text in UTF-8, GB18030"):
        encoding_of(path)


def test_the_line_of_a_nul_byte_is_counted_over_all_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n3,\0\n")
    monkeypatch.setattr(encodings, "SAMPLE_BYTES", 3)
    with pytest.raises(InputProblem, match="it holds a NUL byte in line 3"):
        encoding_of(path)
