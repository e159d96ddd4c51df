"""The hot path: rows of a contract sorted by firm and time, and loops of our own over them.

`kernel` computes any features of applications; `store` keeps the rows on disk, `answers` reads them
for many applications or one firm on line, `daily` brings features from one day to the next.
"""
