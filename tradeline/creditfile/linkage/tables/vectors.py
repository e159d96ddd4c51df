"""Texts as sparse vectors of words and letter groups, the rarer the heavier; cosines of pairs.

A vector is half words and half groups of letters (`tf-idf`, each half of length one), so a product
is the mean of both cosines: words see order as nothing, letter groups see through typing errors.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Analyser = Callable[[str], Sequence[str]]

CHUNK_PAIRS = 200_000
LONG_WORD = 5
SHORT = 10
"""Mean letters of a field up to which pairs of letters are compared, and threes beyond."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Each different value of a field (rows), and its words' weight in all.

    `blend` has rows of length one, or empty rows for values without any sign. `words` has the root
    of each word's weight, so that a product is the weight of what two values share; `mass` is its
    sum for each value.
    """

    blend: Any
    words: Any
    mass: Floats


def vectors(values: Sequence[str], often: Places, initials: bool) -> Vectors:
    """The vectors of different values, of which each stands `often` in the tables.

    Misspelt words count as what they are meant for. With `initials` the first letter of each word
    counts by itself, as in names of persons.
    """
    size = 2 if initials or np.mean([len(value) for value in values]) <= SHORT else 3
    meant = spelling(values, often)
    split = initials_of if initials else letters_of
    words = weighed(values, often, lambda value: [meant.get(w, w) for w in split(value)])
    grams = weighed(values, often, lambda value: tuple(letter_groups(value, size)))
    blend = sparse.hstack([_unit(words), _unit(grams)], format="csr") * np.sqrt(0.5)
    # A value of a single kind of part, such as signs only, is that part's vector.
    roots = words.copy()
    roots.data = np.sqrt(roots.data)
    return Vectors(_unit(blend), roots, np.asarray(words.sum(axis=1)).ravel())


def likeness(vector: Vectors, left: Places, right: Places) -> Floats:
    """The mean of cosine and containment: the weight of shared words in the lighter of both."""
    cosine = products(vector.blend, left, right)
    lighter = np.minimum(vector.mass[left], vector.mass[right])
    shared = products(vector.words, left, right) / np.maximum(lighter, 1e-12)
    return np.where(lighter > 0, (cosine + np.minimum(shared, 1.0)) / 2, cosine)


def spelling(values: Sequence[str], often: Places) -> dict[str, str]:
    """Words that are probably misspelt, and the more frequent word one letter away from each."""
    counts: dict[str, int] = {}
    for value, times in zip(values, often.tolist(), strict=True):
        for word in letters_of(value):
            if len(word) >= LONG_WORD:
                counts[word] = counts.get(word, 0) + times
    near: dict[str, list[str]] = {}
    for word in counts:
        for key in {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}:
            near.setdefault(key, []).append(word)
    best: dict[str, str] = {}
    for group in near.values():
        top = min(group, key=lambda word: (-counts[word], word))
        for word in group:
            # What both tables write, or one of them twice, is meant so.
            if counts[word] == 1 and word != top:
                known = best.get(word, top)
                best[word] = min(known, top, key=lambda w: (-counts[w], w))
    return best


def letters_of(value: str) -> list[str]:
    """The words of a value without those that hold figures, which are compared by themselves."""
    words = value.split()
    return [word for word in words if word.isalpha()] or words


def weighed(values: Sequence[str], often: Places, analyser: Analyser) -> Any:
    """A matrix (values, parts) of the inverse document frequencies of the parts of each value."""
    try:
        counts = CountVectorizer(analyzer=analyser, binary=True, dtype=np.float64).fit_transform(
            values
        )
    except ValueError:  # no value has any part
        return sparse.csr_matrix((len(values), 1))
    holders = counts.T @ often.astype(np.float64)
    idf = np.log((1 + often.sum()) / (1 + holders)) + 1e-3
    matrix = counts.tocsr()
    matrix.data = idf[matrix.indices]
    matrix.sort_indices()
    return matrix


def initials_of(value: str) -> tuple[str, ...]:
    """The words of a name, and the first letter of each."""
    words = value.split()
    return (*(word for word in words if len(word) > 1), *{f"{word[0]}_" for word in words})


def letter_groups(value: str, size: int) -> Iterator[str]:
    """All groups of letters of a value without its blanks, which a stray sign may have made.

    In scripts that set none, pairs.
    """
    letters = f"_{value.replace(' ', '')}_"
    length = size if letters[1:2] < "\u2e80" else 2
    yield from (letters[place : place + length] for place in range(len(letters) - length + 1))


def _unit(matrix: Any) -> Any:
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.where(norms > 0, norms, 1)) @ matrix


def products(matrix: Any, left: Places, right: Places) -> Floats:
    """The product of two rows of a matrix for each pair of places."""
    found = np.empty(len(left))
    for start in range(0, len(left), CHUNK_PAIRS):
        part = slice(start, start + CHUNK_PAIRS)
        found[part] = np.asarray(
            matrix[left[part]].multiply(matrix[right[part]]).sum(axis=1)
        ).ravel()
    return found


def by_different(
    compare: Callable[[Places, Places], Floats], left: Places, right: Places, count: int
) -> Floats:
    """Compare each different pair of values once; `count` is how many values there are."""
    keys, back = np.unique(
        np.minimum(left, right) * count + np.maximum(left, right), return_inverse=True
    )
    return compare(keys // count, keys % count)[back]
