"""Drills: a region is taken away while clients write and read, and what the recovery does is measured and judged."""
