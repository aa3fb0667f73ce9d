"""The graph as an image or a tree, and what renders it."""
