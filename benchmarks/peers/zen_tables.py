"""Decision tables by zen-engine, in a process of its own: the peer of `policy_rate`.

Reads a JDM graph and values as JSON, asks one set of values at a time, with and without its trace,
and prints processor seconds and the outcomes as JSON.
"""

import json
import sys
import time
from pathlib import Path


def main(graph: str, values: str) -> int:
    """Ask the graph about each set of values; the content is compiled once."""
    import zen

    content = zen.ZenDecisionContent(Path(graph).read_text(encoding="utf-8"))
    engine = zen.ZenEngine({"loader": lambda _: content})
    rows = json.loads(Path(values).read_text(encoding="utf-8"))
    engine.evaluate("policy", rows[0])
    costs = {}
    for name, options in (("plain", {}), ("trace", {"trace": True})):
        began = time.process_time()
        found = [engine.evaluate("policy", row, options)["result"] for row in rows]
        costs[name] = time.process_time() - began
    print(json.dumps({"seconds": costs, "outcomes": [row.get("outcome") for row in found]}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
