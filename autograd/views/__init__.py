"""Ways to look at a recorded graph: each reads it and returns something that shows itself."""
