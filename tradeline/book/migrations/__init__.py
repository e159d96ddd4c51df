"""The changes of the book's tables, in order; run as `owner` by `tradeline book migrate`."""
