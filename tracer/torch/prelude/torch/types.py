"""Names of annotations."""
from typing import Any, List, Sequence, Tuple, Union

import torch

Tensor = torch.Tensor
Device = Any
Number = Union[int, float, bool]
_int = int
_float = float
_bool = bool
_size = Union[torch.Size, List[int], Tuple[int, ...]]
_dtype = torch.dtype
_device = torch.device
_TensorOrTensors = Any
