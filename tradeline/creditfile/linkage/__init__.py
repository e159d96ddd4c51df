"""Linkage: which records are of one enterprise or of affiliated ones, why, and what follows."""
