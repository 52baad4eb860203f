"""What another rule set would do, and its publishing."""
