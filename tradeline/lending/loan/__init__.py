"""A loan as a pure fold: contract, dated events, and what they come to on a day."""
