"""Changes the database's credentials: the four steps that Secrets Manager asks for, each safe to repeat."""
