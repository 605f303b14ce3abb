import torch.nn.functional as F
from torch import fx


def f(x, w):
    return [F.tanh(x), F.sigmoid(x), F.leaky_relu(x), F.elu(x), F.silu(x), F.hardswish(x), F.softplus(x), F.conv2d(x, w, padding=1),
            F.embedding(x, w), F.one_hot(x), F.mse_loss(x, w), F.cross_entropy(x, w), F.scaled_dot_product_attention(x, x, w),
            F.glu(x), F.group_norm(x, 2), F.instance_norm(x), F.unfold(x, 3), F.relu6(x), F.hardtanh(x), F.prelu(x, w),
            F.pixel_shuffle(x, 2), F.cosine_similarity(x, w)]


def run():
    return fx.Tracer().trace(f)
