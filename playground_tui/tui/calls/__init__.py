"""Function calls that wait: what is asked, by whom it is answered, and what became of it."""
