"""Terms of loan products that people write, dated, and the contracts they make."""
