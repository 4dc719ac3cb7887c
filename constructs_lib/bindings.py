"""Load the bindings, and nothing that uses them: most of it is time in which Python waits for Node.

Importing this in a thread leaves the time to whoever has something else to do. Afterwards the bindings are there.
"""

import cdktf  # noqa: F401 loaded for its effect
import cdktf_cdktf_provider_aws._jsii  # noqa: F401 loaded for its effect; lean, since this package came first
