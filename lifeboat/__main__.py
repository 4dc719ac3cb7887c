"""`python -m lifeboat`."""

from lifeboat.cli import cli

if __name__ == "__main__":
    cli(prog_name="lifeboat")
