"""`lifeboat restore`: a standby's data tier from the newest copies, while the primary answers nothing."""
