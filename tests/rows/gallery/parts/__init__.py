"""Functions that graphs call."""


def blend(a, b):
    return a * 0.25 + b * 0.75
