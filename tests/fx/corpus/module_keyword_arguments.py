from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)

    def forward(self, q, mask=None):
        out, weights = self.attention(q, q, value=q, need_weights=False, attn_mask=mask)
        return out


def run():
    return fx.Tracer().trace(Net())
