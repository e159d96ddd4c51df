"""Hashes name content, not how it was written down."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file


def test_a_known_hash(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    known = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_bytes(b"abc") == known
    assert hash_file(tmp_path / "abc") == known


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(value) == canonical_json(turned)
