"""The end of day over many loans at once, as arrays; each day the same as the fold says."""
