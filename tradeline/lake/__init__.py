"""Data contracts, and reading a folder of records under them, with two clocks."""
