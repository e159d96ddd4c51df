"""Runs a command and writes what it took, as a line of JSON, to the open file of that number.

`launcher.py NUMBER COMMAND...`: Linux counts the peak memory of a process from that of the process
which started it, so it has to be a small one.
"""

import json
import os
import sys
import time


def main() -> None:
    """Run the command to its end; what it prints and reads is left alone."""
    report, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(report, False)
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    taken = {
        "wall_s": time.perf_counter() - start,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss,
        "code": os.waitstatus_to_exitcode(status),
    }
    os.write(report, json.dumps(taken).encode())


if __name__ == "__main__":
    main()
