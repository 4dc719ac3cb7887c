"""A simulation of what a viewer gets: a request walks through a distribution as it is deployed here, and nothing else.

Not imitated: caching, the firewall's rules, TLS, geography, rates. Every answer says that it is a simulation.
"""
