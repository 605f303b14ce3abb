"""Something that cannot be pickled, several attributes down."""


class Good:
    def __init__(self):
        self.child = None


class Bad:
    def __reduce__(self):
        raise TypeError("this object has no pickle")
