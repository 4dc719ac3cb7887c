"""Terraform plans: read, explained, guarded, and applied exactly as they were reviewed."""
