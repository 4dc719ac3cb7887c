"""Before a deploy or a failover: what would go wrong in an account, each finding with what puts it right."""
