"""Only names."""
