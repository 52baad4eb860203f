"""The front door: commands, settings, wiring."""
