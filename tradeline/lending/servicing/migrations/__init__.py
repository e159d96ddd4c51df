"""The changes of the tables of loans, in order; run as `owner` by `tradeline book migrate`."""
