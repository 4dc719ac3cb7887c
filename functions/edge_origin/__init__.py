"""Lambda@Edge, origin-request: the nearest region's bucket is asked first, the next nearest after it."""
