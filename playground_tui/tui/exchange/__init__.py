"""Assistants from files and other servers, and to them."""
