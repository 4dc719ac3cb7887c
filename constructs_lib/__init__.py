"""How it is built: one AWS capability per module. Each creates its resources, alarms and nothing else's.

Importing this package first makes the provider bindings load lean, see `lean.py`.
"""

from constructs_lib.lean import load_provider_lean, trust_checked_types

load_provider_lean()
trust_checked_types()
