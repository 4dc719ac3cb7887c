"""`lifeboat review`: what a change does to the synthesized stacks, and what that means. Reads files only."""
