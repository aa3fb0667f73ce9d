"""What was found out about a graph, as data: its names, the walk, the paths, broken passes."""
