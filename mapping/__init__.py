"""How a record is read: the bank's written rules turn what a platform says into a claim."""
