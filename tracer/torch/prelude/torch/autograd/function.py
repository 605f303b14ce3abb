"""Custom functions run their forward."""


class _Context:
    def __init__(self):
        self.saved_tensors = ()
        self.needs_input_grad = ()

    def save_for_backward(self, *tensors):
        self.saved_tensors = tensors

    def mark_dirty(self, *args):
        pass

    def mark_non_differentiable(self, *args):
        pass

    def set_materialize_grads(self, value):
        pass


class Function:
    @classmethod
    def apply(cls, *args):
        if hasattr(cls, "setup_context"):
            return cls.forward(*args)
        return cls.forward(_Context(), *args)


def once_differentiable(fn):
    return fn
