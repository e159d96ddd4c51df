"""Features: a small language in which they are declared, and engines that compute them.

`events`, `measures`, `partners` and `declaration` are the language; `fragments`, `statement`,
`stages` and `plan` turn it into SQL, `dialects` writes it for an engine. `compute` runs it on
DuckDB, `from_lake` slice by slice, `spark` on a cluster; `hot` computes the same by loops.
`of_invoices`, `of_orders` and `of_bank` declare what we compute of a firm, `of_conduct` and
`of_partners` what is outside the score; `catalogue` lists it; `api` is `tradeline.features`.
"""
