"""Failover rehearsed: the machines of two regions run on the embedded AWS, without Terraform."""
