"""Marks of which parts of torch.fx stay as they are."""


def compatibility(is_backward_compatible):
    def mark(f):
        return f

    return mark
