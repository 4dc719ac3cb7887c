"""Runbooks: what to do at each alarm and on the day the region is gone, with a system's real names."""
