"""What is deployed: typed descriptions of systems, and the rules that they keep. No cdktf here."""
