"""Failover for people: who is primary, is the standby fit, start, follow. The state machines do the work."""
