"""Decisions on applications: one pure rule, a record of each, a log, and its replay."""
