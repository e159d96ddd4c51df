"""The changes of the tables of proposals, in order; run as `owner` by `tradeline book migrate`."""
