"""Evidence: which card-data rules a deployment keeps, and which resource keeps each. Reads synthesized JSON alone."""
