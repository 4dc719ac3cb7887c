"""Drills without Terraform: a small system that clients really use, with the machines that the stacks deploy."""
