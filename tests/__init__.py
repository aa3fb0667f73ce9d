"""The tests: properties of the whole table, of random graphs, and of every convention."""
