"""What any package built on the engine may use: files, optional packages, text in columns."""
