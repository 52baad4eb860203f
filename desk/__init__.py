"""What an operator does: take in lists, read the report, ask why, draw hours, verify."""
