"""torch.fx.passes: what rewriting needs of it."""
