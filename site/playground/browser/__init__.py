"""What a page asks Python for: the part of the site that runs in a browser."""
