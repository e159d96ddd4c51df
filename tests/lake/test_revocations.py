"""Keys that no longer count: from a day on, for a reason, and never by a list that is unclear."""

from datetime import date
from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lake.revocations import (
    Revocation,
    read_revocations,
    require_not_revoked,
    revocations_of,
    revoke,
)

KEY, OTHER = "5f" * 32, "a0" * 32
DAY = date(2026, 5, 1)


def test_a_key_counts_until_the_day_on_which_it_is_revoked() -> None:
    listed = (Revocation(KEY, DAY, "the laptop was stolen"),)
    require_not_revoked(listed, KEY, date(2026, 4, 30), "model.json")
    require_not_revoked(listed, OTHER, date(2026, 5, 2), "model.json")
    for day in (DAY, date(2030, 1, 1)):
        with pytest.raises(InputProblem) as refused:
            require_not_revoked(listed, KEY, day, "model.json")
        assert (
            "It is signed by the key 5f5f5f5f5f5f5f5f, which is revoked from 2026-05-01 on: the "
            "laptop was stolen. Have it signed by another key." in str(refused.value)
        )


def test_a_list_grows_and_says_each_key_once(tmp_path: Path) -> None:
    path = tmp_path / "revoked.yaml"
    revoke(path, KEY, DAY, "the laptop was stolen: 笔记本被盗")
    revoke(path, OTHER, date(2026, 6, 1), "she left")
    assert read_revocations(path) == (
        Revocation(KEY, DAY, "the laptop was stolen: 笔记本被盗"),
        Revocation(OTHER, date(2026, 6, 1), "she left"),
    )
    with pytest.raises(InputProblem, match="The key 5f5f5f5f5f5f5f5f is revoked already"):
        revoke(path, KEY, DAY, "again")
    with pytest.raises(InputProblem, match="Say why it is revoked"):
        revoke(path, "11" * 32, DAY, " ")
    assert len(read_revocations(path)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file must be a list of keys"),
        ("key: 1", "the file must be a list of keys"),
        ("- {from: 2026-05-01, why: stolen}", "it must be the 64 hexadecimal digits"),
        (f"- {{key: {KEY[:-1]}, from: 2026-05-01, why: stolen}}", "the 64 hexadecimal digits"),
        (f"- {{key: {KEY.upper()}, from: 2026-05-01, why: stolen}}", "the 64 hexadecimal digits"),
        (f"- {{key: {KEY}, why: stolen}}", "it must be a day such as 2026-01-31"),
        (f"- {{key: {KEY}, from: soon, why: stolen}}", "it must be a day such as 2026-01-31"),
        (f"- {{key: {KEY}, from: 2026-05-01}}", "key 1 needs `why`"),
        (f"- {{key: {KEY}, from: 2026-05-01, why: x, until: 2027-01-01}}", "unknown key 'until'"),
        (f"- &one {{key: {KEY}, from: 2026-05-01, why: x}}\n- *one", "stands 2 times"),
    ],
)
def test_by_an_unclear_list_nothing_is_read(text: str, said: str) -> None:
    with pytest.raises(InputProblem) as refused:
        revocations_of(text, "revoked.yaml")
    assert said in str(refused.value)
    assert revocations_of("[]", "revoked.yaml") == ()


def test_a_list_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="cannot be read, so no signature counts"):
        read_revocations(tmp_path / "none.yaml")
