"""What an assessment was made from, by hash: inputs, options, code and parameters."""

from collections.abc import Iterable
from pathlib import Path

import tradeline
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file
from tradeline.risk.report.data import ManifestEntry

CODE = (".py", ".html", ".css", ".js")


def file_entries(kind: str, paths: Iterable[Path]) -> tuple[ManifestEntry, ...]:
    """One entry for each file, by its name without its folder."""
    return tuple(ManifestEntry(kind, path.name, hash_file(path)) for path in paths)


def text_entry(kind: str, name: str, text: str) -> ManifestEntry:
    """An entry for a text that stands in no file."""
    return ManifestEntry(kind, name, hash_bytes(text.encode()))


def code_entry() -> ManifestEntry:
    """One hash over the files of the package, by their places in it."""
    home = Path(tradeline.__file__).parent
    files = sorted(path for path in home.rglob("*") if path.suffix in CODE)
    hashes = {path.relative_to(home).as_posix(): hash_file(path) for path in files}
    return text_entry("code", f"tradeline {tradeline.__version__}", canonical_json(hashes))


def parameter_entries() -> tuple[ManifestEntry, ...]:
    """One entry for each file of parameters."""
    folder = Path(tradeline.__file__).parent / "parameters"
    return file_entries("parameters", sorted(folder.glob("*.yaml")))
