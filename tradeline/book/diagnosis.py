"""Why a server did not start, from what it said: in words that say what to do."""

from dataclasses import dataclass
from pathlib import Path

from tradeline.kernel.findings import InputProblem, problem


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a line of the log means when it holds one of `signs`."""

    signs: tuple[str, ...]
    code: str
    message: str
    remedy: str


DIAGNOSES = (
    Diagnosis(
        ("Address already in use",),
        "port-in-use",
        "Another program listens on that port.",
        "Choose another with --port, or leave it out: the server then listens on its socket alone.",
    ),
    Diagnosis(
        ("No space left on device", "Disk quota exceeded"),
        "disk-full",
        "The disk is full. What was committed is safe.",
        "Make room, then start again.",
    ),
    Diagnosis(
        ("Permission denied", "Read-only file system", "Operation not permitted"),
        "not-writable",
        "The server's folder cannot be written.",
        "Choose another with --data FOLDER or TRADELINE_BOOK, or ask for the right to write.",
    ),
    Diagnosis(
        ('lock file "postmaster.pid" already exists', "is in use"),
        "other-server",
        "Another PostgreSQL already works in this folder.",
        "Stop it the way it was started, then start again.",
    ),
    Diagnosis(
        ("Cannot allocate memory",),
        "no-memory",
        "There is not enough memory for the server.",
        "End other programs, then start again.",
    ),
)


def diagnose(said: str, where: Path, log: Path) -> InputProblem:
    """The problem behind what a server or `initdb` said; unknown words are quoted."""
    for known in DIAGNOSES:
        if any(sign in said for sign in known.signs):
            return problem(known.code, str(where), known.message, known.remedy)
    grave = [line for line in said.splitlines() if "FATAL" in line or "rror:" in line]
    last = (grave or said.splitlines() or ["It said nothing."])[-1].strip()
    return problem(
        "server-failed", str(where), f"The server did not start: {last}", f"{log} has more."
    )
