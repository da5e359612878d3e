"""Instructions drafted or improved by the model, taken or dropped by the person."""
