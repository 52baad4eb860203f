"""The conflict report, tested on one rich night."""
