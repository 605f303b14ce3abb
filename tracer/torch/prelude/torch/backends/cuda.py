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


class _Matmul:
    allow_tf32 = False
    allow_fp16_reduced_precision_reduction = False


matmul = _Matmul()


def flash_sdp_enabled():
    return False


def mem_efficient_sdp_enabled():
    return False


def math_sdp_enabled():
    return True


def enable_flash_sdp(enabled):
    pass


def enable_mem_efficient_sdp(enabled):
    pass


def enable_math_sdp(enabled):
    pass


class sdp_kernel:
    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass
