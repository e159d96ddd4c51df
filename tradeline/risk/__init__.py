"""Binning, scorecard, validation, reasons, limit and rate: from features to a decision."""
