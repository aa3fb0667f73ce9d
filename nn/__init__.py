"""Neurons, layers and losses on top of `autograd`."""
