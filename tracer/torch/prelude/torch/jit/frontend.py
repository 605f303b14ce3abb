"""torch.jit.frontend: errors of source that cannot be scripted."""


class FrontendError(Exception):
    pass


class NotSupportedError(FrontendError):
    pass


class UnsupportedNodeError(NotSupportedError):
    pass


class FrontendTypeError(FrontendError):
    pass
