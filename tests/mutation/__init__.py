"""Proof that the promises can be broken: each mutation must make the test that keeps it fail."""
