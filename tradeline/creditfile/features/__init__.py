"""Features: a small language in which they are declared, and engines that compute them.

`events`, `measures` and `declaration` are the language; `fragments`, `statement` and `plan` turn it
into SQL; `compute` runs it on DuckDB. `of_invoices`, `of_orders` and `of_bank` declare what we
compute of a firm, `catalogue` lists it. `stored` retrieves what was computed before.
"""
