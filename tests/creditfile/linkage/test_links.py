"""What is said of two enterprises, as people read it."""

import pytest

from tradeline.creditfile.linkage.links import evidence_words


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        (
            '{"name_brand":"equal, rare","registration":"different"}',
            "name brand: equal, rare; registration: different",
        ),
        ('{"found":"no longer"}', "found: no longer"),
        ("one telephone, one street", "one telephone, one street"),
        ("12", "12"),
        ("[" * 100_000, "[" * 100_000),
    ],
)
def test_evidence_is_told_in_words(evidence: str, words: str) -> None:
    assert evidence_words(evidence) == words
