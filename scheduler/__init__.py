"""When a run happens; it knows no job's content."""
