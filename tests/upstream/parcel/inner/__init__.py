"""A package inside."""
label = "parcel.inner"


class Part:
    def __init__(self, value=0):
        self.value = value
