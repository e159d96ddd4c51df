"""Signatures: of what was signed, by whom, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tradeline.kernel.findings import InputProblem
from tradeline.lake.signatures import (
    make_signing_key,
    read_public_key,
    read_signature,
    require_signed,
    signature_path,
    signing_by,
)

SUBJECT = "model sha256:" + "0" * 64


@pytest.fixture
def officer(tmp_path: Path) -> Path:
    key = tmp_path / "officer.key"
    make_signing_key(key)
    return key


def refusal(subject: str, signature: str | None, signer: str) -> str:
    with pytest.raises(InputProblem) as refused:
        require_signed(subject, signature, signer, "model.json")
    return str(refused.value)


def test_a_key_is_private_and_its_public_one_is_handed_on(officer: Path) -> None:
    assert officer.stat().st_mode & 0o777 == 0o600
    assert officer.read_text("ascii").startswith("-----BEGIN PRIVATE KEY-----\n")
    public = officer.with_suffix(".pub")
    assert public.read_text("ascii").startswith("-----BEGIN PUBLIC KEY-----\n")
    assert len(bytes.fromhex(read_public_key(public))) == 32
    with pytest.raises(InputProblem, match="There is such a file already, and it stays as it is"):
        make_signing_key(officer)
    with pytest.raises(InputProblem, match=r"do not end it in \.pub"):
        make_signing_key(officer.with_name("other.pub"))


def test_what_was_signed_passes_and_nothing_else(officer: Path, tmp_path: Path) -> None:
    signer = read_public_key(officer.with_suffix(".pub"))
    signature = signing_by(officer)(SUBJECT)
    require_signed(SUBJECT, signature, signer, "model.json")
    other = tmp_path / "other.key"
    stranger = read_public_key(make_signing_key(other))
    assert refusal(SUBJECT, None, signer) == (
        f"error: model.json: It must be signed by the key {signer[:16]}, and no signature stands "
        "beside it. Have it signed by those who may."
    )
    assert refusal(SUBJECT, signing_by(other)(SUBJECT), signer) == (
        f"error: model.json: It must be signed by the key {signer[:16]}, and is signed by "
        f"{stranger[:16]}. Have it signed by those who may."
    )
    changed = "The signature is not of this content: one of them was changed."
    assert changed in refusal(SUBJECT[:-1] + "1", signature, signer)
    assert changed in refusal(SUBJECT.replace("model", "decisions"), signature, signer)
    assert changed in refusal(
        SUBJECT, signature.replace('"signature":"', '"signature":"00'), signer
    )
    forged = signing_by(other)(SUBJECT).replace(stranger, signer)
    assert changed in refusal(SUBJECT, forged, signer)
    for torn in ("", "{}", "[1]", signature[:40], signature.replace("signature/1", "signature/2")):
        assert "What stands beside it is no signature." in refusal(SUBJECT, torn, signer)


def test_every_changed_byte_of_a_signature_is_refused(officer: Path) -> None:
    signer, signature = read_public_key(officer.with_suffix(".pub")), signing_by(officer)(SUBJECT)
    for place in range(len(signature) - 1):
        changed = signature[:place] + chr(ord(signature[place]) ^ 1) + signature[place + 1 :]
        refusal(SUBJECT, changed, signer)


def test_a_signature_stands_beside_its_file(tmp_path: Path) -> None:
    file = tmp_path / "model.json"
    assert read_signature(file) is None
    signature_path(file).write_text("x", encoding="utf-8")
    assert (read_signature(file), signature_path(file).name) == ("x", "model.json.sig")


def test_files_that_are_no_keys_are_refused(officer: Path, tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match=r"officer\.key: This is no public key of Ed25519"):
        read_public_key(officer)
    with pytest.raises(InputProblem, match="This is no public key"):
        read_public_key(tmp_path / "none.pub")
    private = tmp_path / "private.key"
    private.write_bytes(officer.with_suffix(".pub").read_bytes())
    private.chmod(0o600)
    with pytest.raises(InputProblem, match="This is no private key of Ed25519 as PEM"):
        signing_by(private)
    officer.chmod(0o644)
    with pytest.raises(InputProblem, match="Others may read or write this file of keys"):
        signing_by(officer)
    with pytest.raises(InputProblem, match="Name the file of a private key"):
        signing_by(tmp_path / "none.key")


def test_keys_of_another_kind_are_refused(tmp_path: Path) -> None:
    curve = generate_private_key(SECP256R1())
    public, private = tmp_path / "ec.pub", tmp_path / "ec.key"
    public.write_bytes(
        curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    private.write_bytes(curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private.chmod(0o600)
    with pytest.raises(InputProblem, match="no public key of Ed25519"):
        read_public_key(public)
    with pytest.raises(InputProblem, match="no private key of Ed25519"):
        signing_by(private)


def test_without_the_library_it_is_said_what_to_install() -> None:
    program = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from pathlib import Path\n"
        "from tradeline.kernel.findings import InputProblem\n"
        "from tradeline.lake.signatures import make_signing_key\n"
        "try:\n    make_signing_key(Path('x.key'))\n"
        "except InputProblem as refused:\n    print(refused)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert shown.stdout == (
        "error: cryptography: Signatures need a library that is not installed. Install it: pip "
        'install "tradeline[platform]".\n'
    )
