"""Imports: by alias, from a parent, starred, of a whole package."""
import parcel.inner as alias
from parcel import inner
from parcel.inner import *  # noqa: F403
from parcel.inner.deep import labels

label = "parcel.many"


class Many:
    def found(self):
        return alias.label, inner.label, Part.__name__, labels()
