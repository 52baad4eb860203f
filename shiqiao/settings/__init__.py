"""The settings file: its shape, its checks, its loading, and the secrets that it names."""
