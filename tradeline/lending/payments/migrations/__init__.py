"""The changes of the tables of payments, in order; run as `owner` by `tradeline book migrate`."""
