"""Real PostgreSQL servers behind the endpoints of RDS: one process per cluster and per instance, on loopback.

| Module | What it knows |
|---|---|
| `binaries` | where PostgreSQL is installed, and which user may run it |
| `addresses` | loopback addresses of this embedded AWS, which no other one on this machine uses |
| `certificates` | the authority that signs the servers' certificates |
| `doors` | the endpoints: an address that leads to a server, as a name in AWS's DNS does, or to nobody |
| `server` | one server: made, started, promoted, set to follow another, copied, ended |
| `fleet` | all servers of this embedded AWS, and the folder that holds them |
| `watchdog` | ends what is left when the embedded AWS is killed |

Nothing here knows moto; `gaps/rds_servers.py` and its neighbours tie the servers to the resources.
"""
