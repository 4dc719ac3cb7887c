"""A deployment onto the embedded AWS: start it, deploy, verify, destroy, stop."""
