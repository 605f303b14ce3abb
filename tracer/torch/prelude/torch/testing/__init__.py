"""torch.testing: comparing values within PyTorch's tolerances, making tensors to compare."""
from torch.testing._comparison import assert_allclose, assert_close
from torch.testing._creation import make_tensor
