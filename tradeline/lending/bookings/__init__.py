"""What happens to a loan as entries in the books of a lender."""
