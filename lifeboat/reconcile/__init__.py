"""Reconciliation: what an old primary has, or a client was told, and the new primary lacks."""
