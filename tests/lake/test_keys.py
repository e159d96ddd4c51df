"""Keys: where they are, who may read them, what is said where they are not as they must be."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.lakes import FAR, new_lake
from tests.lake.persons import FIRMS, tell
from tradeline.kernel.findings import InputProblem
from tradeline.lake.key_files import (
    VARIABLE,
    leftovers,
    read_private,
    replace_private,
    shred_leftovers,
    write_private,
)
from tradeline.lake.keys import SubjectKeys, is_signed, load_keys, make_keys, read_key
from tradeline.lake.sealing import plainly
from tradeline.lake.store import init_lake, open_lake


def keys(root: Path) -> SubjectKeys:
    return open_lake(root).keys()


def refusal(root: Path, key_file: Path | None = None) -> str:
    with pytest.raises(InputProblem) as caught:
        open_lake(root).keys(key_file)
    return str(caught.value)


def test_init_makes_a_private_key_and_a_private_ring_outside_of_the_lake(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "lake", "lake.key", "lake.key.subjects",
    ]  # fmt: skip
    for name in ("lake.key", "lake.key.subjects"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    secret = (tmp_path / "lake.key").read_text("ascii").strip()
    assert secret not in repr(keys(root))
    assert keys(root).key.secret.hex() not in repr(keys(root))


def test_the_key_file_can_be_named_or_stand_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "safe" / "key"
    named.parent.mkdir()
    root = tmp_path / "lake"
    init_lake(root, named)
    tell(root, "a", key_file=named, enterprises=FIRMS)
    assert "The file of keys cannot be read: No such file" in refusal(root)
    monkeypatch.setenv(VARIABLE, str(named))
    assert keys(root).key.path == named


def test_a_key_file_in_the_lake_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as caught:
        init_lake(tmp_path / "lake", tmp_path / "lake" / "key")
    assert str(caught.value) == (
        f"error: {tmp_path}/lake/key: The key file is inside the lake: whoever copies the lake "
        "copies the key. Keep it elsewhere, and back it up apart from the lake."
    )
    assert not (tmp_path / "lake").exists()


def test_a_key_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "lake.key").write_text("another's", encoding="ascii")
    with pytest.raises(InputProblem) as caught:
        new_lake(tmp_path)
    assert "There is a file of keys already; a lake may need it, so it stays" in str(caught.value)
    assert (tmp_path / "lake.key").read_text("ascii") == "another's"


def test_no_key_file_stops_a_landing_and_a_reading_but_not_what_tells_of_nobody(
    tmp_path: Path,
) -> None:
    root = new_lake(tmp_path)
    tell(root, "a", enterprises=FIRMS)
    (tmp_path / "lake.key").rename(tmp_path / "away")
    message = (
        f"error: {tmp_path}/lake.key: The file of keys cannot be read: No such file or directory. "
        "Name it by --key-file or TRADELINE_LAKE_KEY_FILE; if it is lost, bring it back from its "
        "backup."
    )
    with pytest.raises(InputProblem) as caught:
        tell(root, "b", enterprises=FIRMS)
    assert str(caught.value) == message
    connection = open_lake(root).connect(FAR, FAR)
    assert connection.execute("SELECT enterprise FROM enterprises").fetchall() == [
        ("E1",), ("E2",),
    ]  # fmt: skip
    with pytest.raises(InputProblem) as caught, plainly():
        connection.execute("SELECT name FROM enterprises").fetchall()
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["lake.key", "lake.key.subjects"])
def test_keys_that_others_may_read_are_refused(tmp_path: Path, name: str) -> None:
    root = new_lake(tmp_path)
    (tmp_path / name).chmod(0o640)
    assert refusal(root) == (
        f"error: {tmp_path}/{name}: Others may read or write this file of keys. "
        f"Take their rights away: chmod 600 {tmp_path}/{name}"
    )


def test_the_key_of_another_lake_is_refused(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    make_keys(tmp_path / "other")
    assert refusal(root, tmp_path / "other.key") == (
        f"error: {tmp_path}/other.key: This is the key of another lake. "
        "Name the file that was made with this lake."
    )


@pytest.mark.parametrize(
    "text", ["", "x", "tradeline-lake-key-1:zz", "tradeline-lake-key-1:00", "é"]
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    root = new_lake(tmp_path)
    (tmp_path / "lake.key").write_text(text, encoding="utf-8")
    assert "This is no whole file of keys. Bring it back from its backup." in refusal(root)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":"x","version":1}'])
def test_a_ring_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    root = new_lake(tmp_path)
    (tmp_path / "lake.key.subjects").write_text(text, encoding="utf-8")
    assert "lake.key.subjects: This is no whole file of keys." in refusal(root)


def test_a_subject_without_a_key_is_said_not_shown_as_erased(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    before = (tmp_path / "lake.key.subjects").read_text("ascii")
    tell(root, "a", enterprises=FIRMS)
    (tmp_path / "lake.key.subjects").write_text(before, encoding="ascii")
    connection = open_lake(root).connect(FAR, FAR, show_erased=True)
    with pytest.raises(InputProblem) as caught, plainly():
        connection.execute("SELECT name FROM enterprises").fetchall()
    assert "is missing, and no erasure tells of it. Bring the file back" in str(caught.value)


def test_without_the_ciphers_a_lake_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['cryptography'] = None; from pathlib import Path; "
        "from tradeline.lake.store import init_lake; init_lake(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lake")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (
        "error: cryptography: A lake keeps data of natural persons encrypted, and the ciphers are "
        'not installed. Install them: pip install "tradeline[platform]".'
    ) in done.stderr
    assert not (tmp_path / "lake").exists()


@settings(max_examples=40, deadline=None)
@given(value=st.text(), other=st.text(min_size=1))
def test_what_is_sealed_opens_only_with_its_key_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, value: str, other: str
) -> None:
    key = make_keys(tmp_path_factory.mktemp("keys") / "lake")
    ring = load_keys(key.path.parent / "lake", key.signer)
    ring.admit(["a", "b"])
    sealed = ring.seal("enterprises.name", "a", value)
    assert ring.open("enterprises.name", "a", sealed) == value
    assert sealed == ring.seal("enterprises.name", "a", value)
    assert len(sealed) % 16 == 0
    for place, subject in (("owners.owner", "a"), ("enterprises.name", "b")):
        with pytest.raises(InputProblem, match="is not opened by the key of its subject"):
            ring.open(place, subject, sealed)
    assert ring.pseudonym(other) != ring.pseudonym(other + "x")


def test_a_signature_is_of_one_text_and_one_lake(tmp_path: Path) -> None:
    mine, yours = make_keys(tmp_path / "mine"), make_keys(tmp_path / "yours")
    signature = mine.sign("text")
    assert is_signed(mine.signer, "text", signature)
    assert not is_signed(mine.signer, "texts", signature)
    assert not is_signed(yours.signer, "text", signature)
    assert not is_signed(mine.signer, "text", "no signature")
    assert read_key(tmp_path / "mine.key").signer == mine.signer


def test_the_file_that_is_replaced_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    path, watched = tmp_path / "ring", tmp_path / "watched"
    path.write_text("the old keys", encoding="ascii")
    os.link(path, watched)
    replace_private(path, "the new keys")
    assert path.read_text("ascii") == "the new keys"
    assert watched.read_bytes() == bytes(len("the old keys"))
    assert leftovers(path) == ()


def test_a_ring_that_is_replaced_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "ring", Path.open
    write_private(path, "the old keys")

    def open_and_be_overtaken(self: Path, *arguments: Any, **options: Any) -> Any:
        stream = real(self, *arguments, **options)
        monkeypatch.setattr(Path, "open", real)
        replace_private(path, "the new keys")
        return stream

    monkeypatch.setattr(Path, "open", open_and_be_overtaken)
    assert read_private(path) == "the new keys"


@pytest.mark.parametrize("left", ["ring.old", "ring.new"])
def test_what_a_killed_process_left_is_overwritten(tmp_path: Path, left: str) -> None:
    path, watched = tmp_path / "ring", tmp_path / "watched"
    path.write_text("the keys", encoding="ascii")
    (tmp_path / left).write_text("old keys", encoding="ascii")
    os.link(tmp_path / left, watched)
    shred_leftovers(path)
    assert (path.read_text("ascii"), watched.read_bytes()) == ("the keys", bytes(8))
    assert leftovers(path) == ()


def test_a_second_name_of_the_ring_itself_is_only_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    path.write_text("the keys", encoding="ascii")
    os.link(path, tmp_path / "ring.old")
    shred_leftovers(path)
    assert path.read_text("ascii") == "the keys"
    assert leftovers(path) == ()
