"""Versions of an assistant, and what differs between two of them."""
