"""The embedded AWS: moto's server on loopback with the gaps filled that a real deployment meets."""
