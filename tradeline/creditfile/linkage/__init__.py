"""Linkage: which records speak of the same enterprise, which of affiliated ones, and why."""
