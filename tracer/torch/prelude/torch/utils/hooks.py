class RemovableHandle:
    """Takes a hook out again: by remove(), or at the end of a with block."""
    next_id = 0

    def __init__(self, hooks_dict, *, extra_dict=None):
        self.hooks_dict = hooks_dict
        self.extra_dict = extra_dict
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1

    def remove(self):
        self.hooks_dict.pop(self.id, None)
        for extra in self.extra_dict if isinstance(self.extra_dict, (list, tuple)) else [self.extra_dict]:
            if extra is not None:
                extra.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()
