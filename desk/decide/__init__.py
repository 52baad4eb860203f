"""Decisions: what a person says of conflicts is read, checked, written down, booked at once, and taken back."""
