"""A module of its own, for packages to hold or to name."""
label = "lone"
