"""The command that people and CI run. It reads `cdktf.out`, outputs and AWS, and never imports cdktf."""
