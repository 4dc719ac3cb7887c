"""How long and how much memory a synth and the command take, against the least that is possible."""
