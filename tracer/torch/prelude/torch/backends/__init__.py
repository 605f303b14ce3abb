"""Flags of backends. Evaluation has one backend, so they change nothing."""
from torch.backends import cpu, cuda, cudnn, mkldnn, mps, openmp, quantized
