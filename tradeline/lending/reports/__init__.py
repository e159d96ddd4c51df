"""What a portfolio looks like at the end of a day, for those who answer for it."""
