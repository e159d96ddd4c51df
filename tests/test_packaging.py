"""The package holds all that it needs, asks for nothing heavy, and works outside the repository."""

import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"pandas", "polars", "pyarrow", "matplotlib", "optbinning"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install .` would install, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (built,) = folder.iterdir()
    return built


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    package = ROOT / "tradeline"
    files = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.is_file()}
    wanted = {name for name in files if "__pycache__" not in name}
    assert {Path(name).suffix for name in wanted} == {
        ".py",
        ".yaml",
        ".html",
        ".css",
        ".js",
        ".typ",
    }
    with zipfile.ZipFile(wheel) as content:
        inside = {name for name in content.namelist() if ".dist-info/" not in name}
    assert inside == wanted


def test_the_installed_package_makes_a_market_and_reads_it(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        content.extractall(tmp_path / "installed")
    for words in (["world", "--enterprises", "20", "--out", "market"], ["inspect", "market"]):
        # A .pth file of the development install must not win over the unpacked wheel.
        program = (
            f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); import tradeline; "
            f"assert {str(tmp_path)!r} in tradeline.__file__; "
            f"from tradeline.cli.main import main; raise SystemExit(main({words!r}))"
        )
        subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert (tmp_path / "market" / "truth").is_dir()


def brought_along(package: str) -> set[str]:
    """The packages that an installed one needs, and those that they need, extras left out."""
    found, waiting = set[str](), [package]
    while waiting:
        try:
            lines = requires(waiting.pop()) or []
        except PackageNotFoundError:  # Only on other systems.
            continue
        names = {re.split(r"[<>=~!\[;( ]", line)[0] for line in lines if "extra ==" not in line}
        waiting += names - found
        found |= names
    return found


def test_the_package_brings_no_heavy_library_along() -> None:
    brought = {name.lower() for name in brought_along("tradeline")}
    assert {"duckdb", "numpy", "joblib"} <= brought
    assert not brought & HEAVY
