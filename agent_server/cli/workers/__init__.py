"""``serve --workers N``: a parent that owns what there is once, and the processes that serve."""
