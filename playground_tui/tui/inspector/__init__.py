"""What happened in a run: its timeline, every call, and what was said to the server."""
