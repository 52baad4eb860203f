"""Where everything is kept: the only room with SQL, the only room with keys."""
