"""Run the command line as `python -m tradeline`."""

from tradeline.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
