"""The report for a credit committee: one self-contained page, shown from plain records."""
