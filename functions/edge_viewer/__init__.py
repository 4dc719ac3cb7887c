"""Lambda@Edge, viewer-request: one spelling for every path, and a variant for every visitor."""
