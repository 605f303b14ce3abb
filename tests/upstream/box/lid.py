"""Beside the package, by a relative import."""
from . import label as whole

label = "lid of " + whole
