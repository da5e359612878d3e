"""Threads: found, named, cleaned up, taken out and in."""
