"""How it is built: one AWS capability per module. Each creates its resources, alarms and nothing else's.

Importing this package first makes the provider bindings load lean, see `lean.py`.
"""

from constructs_lib.lean import load_provider_lean, start_node_lean, trust_checked_types

start_node_lean()
load_provider_lean()
trust_checked_types()
