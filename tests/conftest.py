"""What all tests share.

Property tests try the same examples each time, so that a red run is due to the change; where
TRADELINE_EXAMPLES says how many, they try others.
"""

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

EXAMPLES = os.environ.get("TRADELINE_EXAMPLES")
settings.register_profile(
    "suite",
    max_examples=int(EXAMPLES or "40"),
    derandomize=EXAMPLES is None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

# PySpark takes a main module without a file, as a worker of pytest has it, for doctests of its own
# and then asks for a whole Spark; processes that are spawned run the file, so it is an empty one.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = str(Path(__file__).with_name("__init__.py"))

# No test writes to a server of the developer's own.
for name in [name for name in os.environ if name.startswith(("DATABASE_URL", "PG"))]:
    del os.environ[name]
