"""The assistant as code."""
