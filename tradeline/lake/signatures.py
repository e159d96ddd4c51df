"""Who vouches for a file: signatures by Ed25519 (RFC 8032), and the key files of those who sign.

A private key is a file that only its owner may read; the public one beside it is handed on. Both
are PEM, as OpenSSL writes them. What is signed is a line that says what a thing is and its hash, so
that the signature of one thing never serves for another.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json
from tradeline.lake.key_files import read_private, write_private
from tradeline.lake.keys import is_signed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT = "tradeline-signature/1"
PUBLIC = ".pub"
SIGNATURE = ".sig"
REMEDY = "Take both as they were written, or have it signed again by those who may."


def make_signing_key(path: Path) -> Path:
    """Make a private key and the public one beside it, whose path is given.

    InputProblem if one of the files is there already.
    """
    _require_ciphers()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    public = path.with_suffix(PUBLIC)
    for present in {path, public}:
        if present.exists() or path == public:
            raise problem(
                "key-file-exists",
                str(present),
                "There is such a file already, and it stays as it is.",
                "Name another; do not end it in .pub.",
            )
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_private(path, secret.decode())
    public.write_bytes(shown)
    return public


def read_public_key(path: Path) -> str:
    """The public key of a PEM file, as hexadecimal digits; InputProblem if it is none."""
    try:
        return public_key_of(path.read_text(encoding="ascii"), path.name)
    except (OSError, UnicodeError) as error:
        raise _no_key(path.name, "public") from error


def public_key_of(text: str, where: str) -> str:
    """The public key in a text of PEM, as hexadecimal digits; InputProblem if it is none."""
    _require_ciphers()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(where, "public") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(where, "public")
    return key.public_bytes_raw().hex()


def _read_private_key(path: Path) -> "Ed25519PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = read_private(path, "Name the file of a private key; if it is lost, make a new one.")
    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(path.name, "private") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path.name, "private")
    return key


def signing_by(key: Path) -> Callable[[str], str]:
    """What gives the text of a signature of a subject, such as `model sha256:...`.

    InputProblem if the file is no private key, or others may read it.
    """
    _require_ciphers()
    private = _read_private_key(key)
    signer = private.public_key().public_bytes_raw().hex()

    def sign(subject: str) -> str:
        signature = private.sign(subject.encode()).hex()
        whole = {"format": FORMAT, "signed": subject, "signer": signer, "signature": signature}
        return canonical_json(whole) + "\n"

    return sign


def signature_path(path: Path) -> Path:
    """Where the signature of a file stands: beside it."""
    return path.with_name(path.name + SIGNATURE)


def read_signature(path: Path) -> str | None:
    """The signature beside a file, None if there is none."""
    beside = signature_path(path)
    return beside.read_text(encoding="utf-8", errors="replace") if beside.is_file() else None


def require_signed(subject: str, signature: str | None, signer: str, where: str) -> None:
    """InputProblem unless the holder of a public key (hexadecimal digits) signed a subject."""
    if signature is None:
        raise problem(
            "not-signed",
            where,
            f"It must be signed by the key {brief(signer)}, and no signature stands beside it.",
            "Have it signed by those who may.",
        )
    found = _parsed(signature)
    if found is None:
        raise problem("bad-signature", where, "What stands beside it is no signature.", REMEDY)
    if found["signer"] != signer:
        raise problem(
            "other-signer",
            where,
            f"It must be signed by the key {brief(signer)}, and is signed by "
            f"{brief(found['signer'])}.",
            "Have it signed by those who may.",
        )
    if found["signed"] != subject or not is_signed(signer, subject, found["signature"]):
        raise problem(
            "bad-signature",
            where,
            "The signature is not of this content: one of them was changed.",
            REMEDY,
        )


def brief(signer: str) -> str:
    """The first digits of a public key, by which people tell keys apart."""
    return signer[:16]


def _parsed(text: str) -> Mapping[str, str] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    parts = ("format", "signed", "signer", "signature")
    if not isinstance(found, dict) or not all(isinstance(found.get(part), str) for part in parts):
        return None
    return found if found["format"] == FORMAT else None


def _require_ciphers() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise problem(
            "no-ciphers",
            "cryptography",
            "Signatures need a library that is not installed.",
            'Install it: pip install "tradeline[platform]".',
        ) from error


def _no_key(where: str, kind: str) -> InputProblem:
    return problem(
        "no-signing-key",
        where,
        f"This is no {kind} key of Ed25519 as PEM.",
        "Make one with tradeline model key.",
    )
