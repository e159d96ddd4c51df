"""Linkage: which records are of one enterprise, who says so, and what follows from it."""
