"""How good a teacher ``check`` is: ``python -m benchmarks.teaching``.

Wrong answers are made by people's mistakes, each worked out mechanically by a backward pass of
this package's own (`makers`); it knows nothing of how ``check`` models them.
"""
