"""Pairs of tables of several kinds, made from a seed, that tell of the same things in other words.

Each kind has its own hard negatives: products of one brand with other model numbers, papers of the
same authors in another year, branches of one chain, other versions of one song. The truth is known.
"""

from collections.abc import Callable, Mapping

from benchmarks.made_goods import products, software
from benchmarks.made_media import beers, songs
from benchmarks.made_papers import citations, papers
from benchmarks.made_places import companies, people, restaurants
from benchmarks.made_sheets import MadeTables

KINDS: Mapping[str, Callable[[int, int], MadeTables]] = {
    "products": products,
    "software": software,
    "papers": papers,
    "citations": citations,
    "restaurants": restaurants,
    "songs": songs,
    "beers": beers,
    "companies": companies,
    "people": people,
}
