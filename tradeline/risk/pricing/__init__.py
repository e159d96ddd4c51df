"""What to offer: take-up, expected profit, limits, and the best plan within a budget."""
