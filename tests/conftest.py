"""What all tests share.

TRADELINE_EXAMPLES sets how many examples a property test tries that does not say it itself.
"""

import os
import sys

from hypothesis import settings

settings.register_profile("suite", max_examples=int(os.environ.get("TRADELINE_EXAMPLES", "40")))
settings.load_profile("suite")

# PySpark takes a main module without a file, as a worker of pytest has it, for doctests of its own
# and then asks for a whole Spark.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = sys.executable

# No test writes to a server of the developer's own.
for name in [name for name in os.environ if name.startswith(("DATABASE_URL", "PG"))]:
    del os.environ[name]
