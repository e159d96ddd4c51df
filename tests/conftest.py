"""What all tests share."""

import sys

# PySpark takes a main module without a file, as a worker of pytest has it, for doctests of its own
# and then asks for a whole Spark.
if not hasattr(sys.modules["__main__"], "__file__"):
    sys.modules["__main__"].__file__ = sys.executable
