"""A module two packages down, with relative imports."""
from .. import label as outer_label
from . import label as inner_label

label = "parcel.inner.deep"


def labels():
    return outer_label, inner_label, label
