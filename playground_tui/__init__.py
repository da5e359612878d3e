"""A terminal playground for OpenAI-style assistants, with a local Assistants API service inside."""

__version__ = "0.1.0"
