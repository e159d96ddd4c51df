"""What all tests share.

Property tests try the same examples each time, so that a red run is due to the change; where
TRADELINE_EXAMPLES says how many, they try others.
"""

import os
import sys

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
# and then asks for a whole Spark.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = sys.executable

# No test writes to a server of the developer's own.
for name in [name for name in os.environ if name.startswith(("DATABASE_URL", "PG"))]:
    del os.environ[name]
