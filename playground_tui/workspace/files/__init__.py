"""Files and vector stores of one server, and what of this machine is on its way there."""
