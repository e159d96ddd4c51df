"""What the benchmarks share: time taken, quiet peers, results as words and as JSON."""

import json
import os
import platform
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

Made = TypeVar("Made")
REPOSITORY = Path(__file__).parents[1]
LAUNCHER = Path(__file__).with_name("launcher.py")
GIGABYTE = 2**30


@dataclass(frozen=True, slots=True)
class Latency:
    """Wall time of single calls, in milliseconds."""

    median_ms: float
    p99_ms: float
    calls: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took; `code` is how it ended, `said` what it printed."""

    wall_s: float
    cpu_s: float
    peak_gb: float
    code: int
    said: str = ""


def module_cost(module: str, *words: str) -> Cost:
    """What a module takes as a process of its own; CalledProcessError if it fails."""
    return sound_cost([sys.executable, "-m", module, *words])


def sound_cost(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """What a process takes that must not fail; CalledProcessError if it does."""
    cost = process_cost(command, environment)
    if cost.code:
        raise subprocess.CalledProcessError(cost.code, list(command))
    return cost


def process_cost(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """What a process takes from start to end, children and imports too, however fat we are.

    CalledProcessError if it cannot be started.
    """
    reader, writer = os.pipe()
    launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(writer)]
    with os.fdopen(reader, encoding="utf-8") as report:
        try:
            done = subprocess.run(
                [*launch, *command],
                cwd=REPOSITORY,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                pass_fds=(writer,),
                check=False,
            )
        finally:
            os.close(writer)
        told = report.read()
    if not told:
        raise subprocess.CalledProcessError(done.returncode, list(command))
    taken = json.loads(told)
    unit = 1 if sys.platform == "darwin" else 1024
    peak_gb = taken["peak"] * unit / GIGABYTE
    return Cost(taken["wall_s"], taken["cpu_s"], peak_gb, taken["code"], done.stdout)


def latency_of(calls: Iterable[Callable[[], object]]) -> Latency:
    """Each call timed on its own."""
    taken = []
    for call in calls:
        start = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - start)
    median, p99 = (np.quantile(taken, [0.5, 0.99]) / 1e6).tolist()
    return Latency(median, p99, len(taken))


def cpu_seconds(make: Callable[[], Made]) -> tuple[float, Made]:
    """Processor time of one call, all its threads together, and what it made."""
    start = time.process_time()
    made = make()
    return time.process_time() - start, made


def wall_seconds(make: Callable[[], Made]) -> tuple[float, Made]:
    """Wall time of one call, and what it made."""
    start = time.perf_counter()
    made = make()
    return time.perf_counter() - start, made


@contextmanager
def hushed() -> Iterator[None]:
    """Nothing on standard output or error, and no warnings: peers talk while they work."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield


def show(title: str, lines: Sequence[str], figures: Mapping[str, Any]) -> None:
    """The result in words, then the same as one line of JSON with the machine's kind."""
    print(title)
    for line in lines:
        print(f"  {line}")
    print(json.dumps({"benchmark": title, **figures, "machine": machine()}), flush=True)


def machine() -> dict[str, object]:
    """The kind of machine, in general words."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }
