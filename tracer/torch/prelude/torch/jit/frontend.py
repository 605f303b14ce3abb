"""torch.jit.frontend: errors of source that cannot be scripted."""


class NotSupportedError(RuntimeError):
    pass


class UnsupportedNodeError(NotSupportedError):
    pass


class FrontendTypeError(NotSupportedError):
    pass
