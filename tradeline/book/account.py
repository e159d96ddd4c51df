"""The account of the machine that the server runs as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = 0
UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """A user and group of the machine; `drops` when we are root and must become them."""

    name: str
    uid: int
    gid: int
    drops: bool

    @property
    def process_options(self) -> dict[str, Any]:
        """What `subprocess` needs to start a program as this account."""
        if not self.drops:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make the account the owner of a file or folder that we made."""
        if self.drops:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether the account may enter a folder or run a program at this path."""
        if not self.drops:
            return os.access(path, os.X_OK)
        tried = subprocess.run(
            ["/usr/bin/env", "test", "-x", path], check=False, cwd="/", **self.process_options
        )
        return tried.returncode == 0


def server_account(data: Path) -> Account:
    """Who runs the server of a data directory: we, or, when we are root, its owner or `nobody`."""
    if os.geteuid() != ROOT:
        return _account(pwd.getpwuid(os.geteuid()), drops=False)
    owner = data.stat().st_uid if data.exists() else ROOT
    found = pwd.getpwuid(owner) if owner != ROOT else pwd.getpwnam(UNPRIVILEGED)
    return _account(found, drops=True)


def _account(entry: pwd.struct_passwd, *, drops: bool) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops)
