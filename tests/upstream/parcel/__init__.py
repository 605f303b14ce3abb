"""A package whose parts import each other in the ways that there are."""
label = "parcel"


class Holder:
    def __init__(self, held):
        self.held = held

    def label(self):
        return label
