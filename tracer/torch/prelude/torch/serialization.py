"""No file is read or written by evaluated code."""


def load(*args, **kwargs):
    raise RuntimeError("torch.load: evaluated code reads no files")


def save(*args, **kwargs):
    raise RuntimeError("torch.save: evaluated code writes no files")


def add_safe_globals(safe_globals):
    pass
