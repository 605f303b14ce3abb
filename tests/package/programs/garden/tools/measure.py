__all__ = ["scaled"]


def scaled(x):
    return x * 2.0


def shifted(x):
    return x + 0.5
