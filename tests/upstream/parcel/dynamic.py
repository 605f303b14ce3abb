"""Imports whose names are computed, or written as calls."""
math = __import__("math")
inner = __import__("parcel.inner", fromlist=["label"])

label = "parcel.dynamic"


class Dynamic:
    pass
