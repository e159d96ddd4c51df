"""Models from any table with outcomes: read, screen, train, score, validate, keep."""
