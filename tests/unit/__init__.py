"""Promises of the synthesized stacks, of descriptions and of the house."""
