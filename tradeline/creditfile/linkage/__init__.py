"""Which records are the same enterprise: identifiers, names, weights, links, and their undoing."""
