"""Autograd functions that modules name."""


class CrossMapLRN2d:
    @staticmethod
    def apply(input, size, alpha=1e-4, beta=0.75, k=1):
        raise NotImplementedError("CrossMapLRN2d")


class SyncBatchNorm:
    @staticmethod
    def apply(*args):
        raise NotImplementedError("SyncBatchNorm over several processes")
