"""Which records are of one enterprise: identifiers first, then names and what else they say."""
