"""Where hours come from: the code that speaks to one platform each, behind one promise."""
