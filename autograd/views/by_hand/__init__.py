"""A person's answers: read, judged, and what went wrong with them."""
