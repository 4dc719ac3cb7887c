"""The cart: orders in PostgreSQL, for containers. On the embedded AWS it stands in for one, entered as a function."""
