"""torch.fx.passes.utils."""
