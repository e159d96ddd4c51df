"""Migrations run apart: Django's settings hold for a whole process."""

import subprocess
import sys
from pathlib import Path


def migrate_apart(folder: Path) -> str:
    """Migrate as an operator does; what was printed."""
    command = [sys.executable, "-m", "tradeline", "book", "migrate", "--data", str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def python_apart(program: str, *words: str) -> str:
    """Run a program in a process of its own; what it printed."""
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
