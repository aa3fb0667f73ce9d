"""What is printed on paper: sheets with formulas, pictures and tables, as text and as files."""
