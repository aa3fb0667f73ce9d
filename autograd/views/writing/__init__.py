"""How things are written: labels, numbers, formulas, symbols, in any script."""
