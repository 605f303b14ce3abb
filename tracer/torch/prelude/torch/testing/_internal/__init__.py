"""Where PyTorch's own tests keep their base class."""
