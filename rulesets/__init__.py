"""The written rules of the banks we know, as data files."""
