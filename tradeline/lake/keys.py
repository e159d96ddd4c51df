"""The keys of a lake's subjects: one for each, wrapped by the lake's key, destroyed to erase.

Nothing here stands in the lake. What the lake keeps of a subject is a pseudonym, and values that
only the subject's key opens. Ciphers are those of `cryptography`: AES-SIV (RFC 5297) for values,
AES key wrap (RFC 3394) for keys, Ed25519 (RFC 8032) for signatures.
"""

import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeline.kernel.findings import InputProblem, counted, problem
from tradeline.kernel.hashing import canonical_json
from tradeline.lake.key_files import (
    damaged,
    key_path,
    read_private,
    replace_private,
    ring_path,
    shred_leftovers,
    write_private,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV

HEADER = "tradeline-lake-key-1:"
FORMAT = {"format": "tradeline-subject-keys", "version": 1}
SECRET_BYTES = 32
SUBJECT_KEY_BYTES = 64
BLOCK = 16


@dataclass(frozen=True, slots=True)
class LakeKey:
    """The key of a lake; what it is for is derived from it. It is never shown."""

    path: Path
    secret: bytes = field(repr=False)

    def derived(self, purpose: str) -> bytes:
        """32 bytes for one purpose: HMAC-SHA256 of its name under the key."""
        return hmac.digest(self.secret, purpose.encode(), "sha256")

    def sign(self, text: str) -> str:
        """The signature of a text as hexadecimal digits."""
        return str(_signing_key(self).sign(text.encode()).hex())

    @property
    def signer(self) -> str:
        """The public key that checks the signatures, as hexadecimal digits."""
        return str(_signing_key(self).public_key().public_bytes_raw().hex())


def _signing_key(key: LakeKey) -> Any:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(key.derived("signing"))


def is_signed(signer: str, text: str, signature: str) -> bool:
    """Whether the holder of the lake's key signed the text; needs the public key alone."""
    require_ciphers()
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer))
        public.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def require_ciphers() -> None:
    """InputProblem where the extra that brings the ciphers is not installed."""
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise problem(
            "no-ciphers",
            "cryptography",
            "A lake keeps data of natural persons encrypted, and the ciphers are not installed.",
            'Install them: pip install "tradeline[platform]".',
        ) from error


def make_keys(root: Path, named: Path | None = None) -> LakeKey:
    """Make the key of a lake to come and its empty ring; InputProblem if such a file is there."""
    require_ciphers()
    path = key_path(root, named)
    for present in (path, ring_path(path)):
        if present.exists():
            raise problem(
                "key-file-exists",
                str(present),
                "There is a file of keys already; a lake may need it, so it stays as it is.",
                "Name another by --key-file, or move it away if it belongs to no lake.",
            )
    key = LakeKey(path, os.urandom(SECRET_BYTES))
    write_private(ring_path(path), _ring_text(key.signer, {}, {}, []))
    write_private(path, f"{HEADER}{key.secret.hex()}\n")
    return key


def read_key(path: Path) -> LakeKey:
    """The key of a lake from its file; InputProblem if it is none or others may read it."""
    text = read_private(path).strip()
    try:
        secret = bytes.fromhex(text.removeprefix(HEADER))
    except ValueError:
        secret = b""
    if not text.startswith(HEADER) or len(secret) != SECRET_BYTES:
        raise damaged(path)
    return LakeKey(path, secret)


def _ring_text(
    signer: str,
    wrapped: Mapping[str, str],
    destroyed: Mapping[str, str],
    pending: Iterable[Mapping[str, Any]],
) -> str:
    table = {"signer": signer, "keys": wrapped, "destroyed": destroyed, "pending": list(pending)}
    return canonical_json(FORMAT | table) + "\n"


@dataclass(slots=True)
class SubjectKeys:
    """The ring of a lake as it was when it was read: by pseudonym the wrapped key of each subject.

    `destroyed` says when, `pending` are erasures that the log does not tell of yet. Only a writer
    who holds the lake's lock may change it.
    """

    key: LakeKey
    wrapped: dict[str, str] = field(repr=False)
    destroyed: dict[str, str]
    pending: list[dict[str, Any]]
    _ciphers: dict[str, "AESSIV"] = field(default_factory=dict, repr=False)

    def pseudonym(self, subject: str) -> str:
        """What the lake calls a subject: HMAC-SHA256 under the lake's key, 32 digits of it."""
        name = hmac.digest(self.key.derived("pseudonyms"), subject.encode(), "sha256")
        return name.hex()[:32]

    def admit(self, pseudonyms: Iterable[str]) -> None:
        """Give a key to each subject that has none and is not erased; on the disk at once."""
        new = {
            name: self._wrap(os.urandom(SUBJECT_KEY_BYTES))
            for name in dict.fromkeys(pseudonyms)
            if name not in self.wrapped and name not in self.destroyed
        }
        if new:
            self.wrapped |= new
            self.write()

    def destroy(self, pseudonyms: Iterable[str], act: Mapping[str, Any]) -> None:
        """Destroy keys; `act` is what the log is to tell of it. When this returns it is done."""
        gone = sorted(pseudonyms)
        for name in gone:
            self.wrapped.pop(name, None)
            self._ciphers.pop(name, None)
            self.destroyed[name] = act["at"]
        self.pending.append({**act, "subjects": gone})
        self.write()

    def settle(self) -> None:
        """Forget what was pending: the log tells of it now."""
        self.pending.clear()
        self.write()

    def write(self) -> None:
        """Put this ring in the place of the one on the disk, which is overwritten."""
        path = ring_path(self.key.path)
        shred_leftovers(path)
        text = _ring_text(self.key.signer, self.wrapped, self.destroyed, self.pending)
        replace_private(path, text)

    def seal(self, place: str, subject: str, value: str) -> bytes:
        """A value that only the subject's key opens; InputProblem if the subject is erased.

        The same value in the same place (contract and column) of the same subject gives the same
        bytes. Its length shows in steps of 16 bytes.
        """
        plain = value.encode() + b"\x80"
        padded = plain + bytes(-len(plain) % BLOCK)
        return self._cipher(subject).encrypt(padded, [place.encode(), subject.encode()])

    def open(self, place: str, subject: str, sealed: bytes) -> str:
        """What was sealed; InputProblem if the subject is erased, has no key, or it was altered."""
        from cryptography.exceptions import InvalidTag

        try:
            named = [place.encode(), subject.encode()]
            padded = self._cipher(subject).decrypt(sealed, named)
        except InvalidTag as error:
            raise unopened(place, subject) from error
        return padded.rstrip(b"\0")[:-1].decode()

    def opens(self, holder: str, place: str, subject: str, sealed: bytes) -> bool:
        """Whether the key of `holder` opens what was sealed for `subject`."""
        from cryptography.exceptions import InvalidTag

        try:
            self._cipher(holder).decrypt(sealed, [place.encode(), subject.encode()])
        except InvalidTag:
            return False
        return True

    def _cipher(self, subject: str) -> "AESSIV":
        found = self._ciphers.get(subject)
        if found is None:
            found = self._ciphers[subject] = self._unwrapped(subject)
        return found

    def _unwrapped(self, subject: str) -> "AESSIV":
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

        if subject in self.destroyed:
            raise erased(subject)
        if subject not in self.wrapped:
            raise no_key(self.key.path, subject)
        try:
            wrapped = bytes.fromhex(self.wrapped[subject])
            return AESSIV(aes_key_unwrap(self.key.derived("wrapping"), wrapped))
        except (InvalidUnwrap, ValueError) as error:
            raise damaged(ring_path(self.key.path)) from error

    def _wrap(self, key: bytes) -> str:
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap

        return aes_key_wrap(self.key.derived("wrapping"), key).hex()


def load_keys(root: Path, signer: str, named: Path | None = None) -> SubjectKeys:
    """The ring of the lake that names `signer`; InputProblem if its files are not sound."""
    require_ciphers()
    key = read_key(key_path(root, named))
    if key.signer != signer:
        raise problem(
            "wrong-key",
            str(key.path),
            "This is the key of another lake.",
            "Name the file that was made with this lake.",
        )
    path = ring_path(key.path)
    try:
        table = json.loads(read_private(path))
        kind = {name: table[name] for name in FORMAT}
        ring = SubjectKeys(key, table["keys"], table["destroyed"], table["pending"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(path) from error
    if kind != FORMAT or table["signer"] != signer:
        raise damaged(path)
    return ring


def erased(subject: str, place: str = "the lake") -> InputProblem:
    """What is said where a value is needed whose key was destroyed."""
    return problem(
        "erased",
        place,
        f"A value is erased: the key of its subject {subject} was destroyed.",
        "Leave out what needs it, or read with show_erased and say that it is erased.",
    )


def restored(keys: SubjectKeys, subjects: list[str]) -> InputProblem:
    """What is said where the keys of erased subjects are there again."""
    return problem(
        "restored-key",
        str(ring_path(keys.key.path)),
        f"{counted(len(subjects), 'key')} of erased subjects came back, the first that of "
        f"{subjects[0]}: the file was brought back from a copy made before the erasure.",
        "Run `tradeline lake erase` for them again, and destroy that copy.",
    )


def no_key(path: Path, subject: str) -> InputProblem:
    """What is said where a subject's key is missing and was not destroyed by an erasure."""
    return problem(
        "no-subject-key",
        str(ring_path(path)),
        f"The key of subject {subject} is missing, and no erasure tells of it.",
        "Bring the file back from its newest backup.",
    )


def unopened(place: str, subject: str) -> InputProblem:
    """What is said of a value that its subject's key does not open."""
    return problem(
        "not-opened",
        place,
        f"A value is not opened by the key of its subject {subject}: one of them was altered.",
        "Check the lake by `tradeline lake verify`.",
    )
