"""The programs are found in whichever wheel is installed, and its absence is said."""

import os
import subprocess
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tradeline.book import wheel
from tradeline.book.account import Account, server_account
from tradeline.book.wheel import WHEELS, find_programs, require_client
from tradeline.kernel.findings import InputProblem

ABSENT = (
    "error: book: PostgreSQL is not installed with Tradeline. "
    'Run `pip install "tradeline[platform]"`.'
)


def test_without_a_wheel_or_client_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wheel, "find_spec", lambda name: None)
    with pytest.raises(InputProblem) as no_wheel:
        find_programs(server_account(tmp_path / "data"), tmp_path)
    with pytest.raises(InputProblem) as no_client:
        require_client()
    assert str(no_wheel.value) == str(no_client.value) == ABSENT


@pytest.mark.parametrize("name", WHEELS)
def test_either_wheel_serves(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / name
    programs = package / WHEELS[name]
    programs.mkdir(parents=True)
    (programs / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.9'\n")
    (programs / "postgres").chmod(0o755)
    spec = ModuleSpec(name, None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(wheel, "find_spec", {name: spec}.get)
    found = find_programs(Account("me", os.getuid(), os.getgid(), drops=False), tmp_path)
    assert (found.folder, found.version, found.major) == (programs, "18.9", "18")


def test_a_wheel_out_of_reach_is_copied_once(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(Account, "reaches", lambda account, path: False)
    account = server_account(folder / "data")
    found = find_programs(account, folder)
    assert folder in found.folder.parents
    shown = subprocess.run(
        [found.folder / "initdb", "--version"], check=True, capture_output=True, text=True
    )
    assert found.version in shown.stdout
    made = found.folder.stat().st_ctime_ns
    assert find_programs(account, folder).folder.stat().st_ctime_ns == made
