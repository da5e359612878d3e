"""Writing a message: commands, templates, variables, earlier texts; and steering what was said."""
