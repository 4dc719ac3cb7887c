"""Reviews: two folders or two revisions in one report."""
