"""Where pickles find Tensor."""
import torch

Tensor = torch.Tensor
