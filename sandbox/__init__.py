"""The external systems as real HTTP servers on loopback; imports nothing of the house."""
