"""The function editor: the assistant's functions as JSON, one at a time."""
