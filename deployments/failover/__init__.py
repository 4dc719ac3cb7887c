"""What a failover does, step by step: state machines in Amazon States Language, built from the description alone.

Pure: no AWS, no cdktf. The stacks deploy what is written here, the rules add up its time-outs, and `docs/failover.md`
shows its picture. Why it is as it is: `docs/decisions/0009-failover.md`.
"""
