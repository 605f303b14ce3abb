import enum


class Kind(enum.Enum):
    SMALL = 1
    LARGE = 2


class Outer:
    class Inner:
        def __init__(self):
            self.x = 1
