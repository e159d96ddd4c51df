"""Commands run one after the other in a process of its own, which speaks as `worker`."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

MANY = """
import io, json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from tradeline.cli.main import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    folder, words = json.loads(line)
    os.chdir(folder)
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


@dataclass(frozen=True)
class Clerk:
    """Runs commands one after the other in a process, in a folder."""

    process: "subprocess.Popen[str]"
    command: list[str]
    ending: list[str]
    folder: Path

    @property
    def tenant(self) -> str:
        return self.ending[1]

    def say(self, *words: str) -> tuple[int, str, str]:
        assert self.process.stdin
        assert self.process.stdout
        asked = [*self.command, *words, *self.ending]
        self.process.stdin.write(json.dumps([str(self.folder), asked]) + "\n")
        self.process.stdin.flush()
        code, out, err = json.loads(self.process.stdout.readline())
        return code, out, err

    def told(self, *words: str) -> str:
        code, out, err = self.say(*words)
        assert (code, err) == (0, "")
        return out

    def refused(self, *words: str) -> str:
        code, out, err = self.say(*words)
        assert (code, out) == (2, "")
        return err
