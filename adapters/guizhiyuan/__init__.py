"""桂志愿, over its interface."""
