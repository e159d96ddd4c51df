"""`tradeline model key`, `sign`, `revoke` and `verify-signature`: who vouches for a model."""

import argparse
from pathlib import Path

from tradeline.cli.options import add_revoked, now, parse_date

SUMMARIES = {
    "key": "make a pair of keys to sign models and decisions with",
    "sign": "vouch for a model: write its signature beside it",
    "revoke": "list a public key as one that no longer counts",
    "verify-signature": "check that a model is as the holder of a key signed it",
}
EPILOGS = {
    "key": """\
example:
  tradeline model key officer.key

Writes officer.key, which only its owner may read, and officer.pub, which is
handed on. Both are PEM (Ed25519), as OpenSSL writes them.
""",
    "sign": """\
example:
  tradeline model sign model.json --key officer.key

The signature is model.json.sig; the model stays as it is.
""",
    "revoke": """\
example:
  tradeline model revoke officer.pub --list models/revoked.yaml \\
      --why "the laptop was stolen" --from 2026-05-01

A registry reads the list revoked.yaml in its folder; engines and checks of
signatures read the one that they name. What relied on the key before stands.
""",
    "verify-signature": """\
examples:
  tradeline model verify-signature model.json --signer officer.pub
  tradeline model verify-signature model.json --signer officer.pub \\
      --revoked models/revoked.yaml

Exit code 2 where the model is not signed, by another key, by one that is
revoked today, or changed since.
""",
}


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", type=Path, metavar="FILE", help="the private key, a new file")


def _add_sign(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="the private key of who signs"
    )


def _add_revoke(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", type=Path, metavar="FILE", help="the public key")
    parser.add_argument(
        "--list", type=Path, required=True, metavar="FILE",
        help="the list of revoked keys; it is made if it is not there",
    )  # fmt: skip
    parser.add_argument("--why", required=True, metavar="TEXT", help="why it no longer counts")
    parser.add_argument(
        "--from", dest="from_day", metavar="DATE",
        help="the first day on which it does not count (default: today)",
    )  # fmt: skip


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", type=Path, metavar="MODEL", help="the file of the model")
    parser.add_argument(
        "--signer", type=Path, required=True, metavar="FILE",
        help="the public key of who must have signed",
    )  # fmt: skip
    add_revoked(parser)


def _run_key(options: argparse.Namespace) -> int:
    from tradeline.lake.signatures import make_signing_key

    public = make_signing_key(options.key)
    print(f"{options.key} signs; keep it to yourself. {public} checks; hand it on.")
    return 0


def _run_sign(options: argparse.Namespace) -> int:
    from tradeline.lake.signatures import signature_path, signing_by
    from tradeline.risk.modelling.artifact import read_model, subject_of

    path = signature_path(options.model)
    signature = signing_by(options.key)(subject_of(read_model(options.model)))
    path.write_text(signature, encoding="utf-8")
    print(f"The signature is {path}.")
    return 0


def _run_revoke(options: argparse.Namespace) -> int:
    from tradeline.lake.revocations import revoke
    from tradeline.lake.signatures import brief, read_public_key

    key = read_public_key(options.key)
    day = parse_date(options.from_day, "--from") if options.from_day else now().date()
    revoke(options.list, key, day, options.why)
    print(f"The key {brief(key)} does not count from {day} on, by {options.list}.")
    return 0


def _run_verify(options: argparse.Namespace) -> int:
    from tradeline.lake.revocations import read_revocations, require_not_revoked
    from tradeline.lake.signatures import brief, read_public_key, read_signature, require_signed
    from tradeline.risk.modelling.artifact import read_model, subject_of

    signer, model = read_public_key(options.signer), read_model(options.model)
    require_signed(subject_of(model), read_signature(options.model), signer, options.model.name)
    if options.revoked:
        listed = read_revocations(options.revoked)
        require_not_revoked(listed, signer, now().date(), options.model.name)
    print(f"{options.model} is as the key {brief(signer)} signed it.")
    return 0


ARGUMENTS = {"key": _add_key, "sign": _add_sign, "revoke": _add_revoke,
             "verify-signature": _add_verify}  # fmt: skip
RUN = {"key": _run_key, "sign": _run_sign, "revoke": _run_revoke,
       "verify-signature": _run_verify}  # fmt: skip
