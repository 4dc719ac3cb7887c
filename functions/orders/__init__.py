"""The order API: places, finds and pages orders, and keeps their attachments, in whichever region is open."""
