"""What a recorded graph costs as a `Program`, beside what else computes such gradients."""
