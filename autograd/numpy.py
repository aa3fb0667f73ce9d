"""What stands where HIPS autograd, imported by the same name, has its NumPy."""

raise ImportError(
    "autograd.numpy is of HIPS autograd; this is chainrule's autograd, which is imported by the "
    "same name: use an environment of its own for each"
)
