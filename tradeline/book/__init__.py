"""The book: PostgreSQL for what must never be wrong, embedded or the operator's own."""
