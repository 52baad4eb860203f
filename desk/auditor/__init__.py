"""What leaves the house for an auditor: the book as a file, its head, and a program that checks both without us."""
