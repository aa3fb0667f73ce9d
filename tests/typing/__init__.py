"""Code as a user writes it, to be type-checked."""
