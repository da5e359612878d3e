"""Servers and providers as a person arranges them: what is configured, changed, tested, and given a key."""
