"""Flags of a backend that is not there."""

enabled = True
benchmark = False
deterministic = False
allow_tf32 = False
engine = "none"


def is_available():
    return False


def is_built():
    return False


def version():
    return None
