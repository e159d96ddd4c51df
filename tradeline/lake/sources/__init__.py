"""Where records come from: folders, buckets, databases, pushes, resources; all of one shape."""
