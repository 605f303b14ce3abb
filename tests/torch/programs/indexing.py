# x[...] and x[...] = v by PyTorch's rules.
import torch

x = torch.arange(24).reshape(2, 3, 4)


def show(t):
    print(list(t.shape), t.tolist())


show(x[1])
show(x[-1, 2])
show(x[0, :, 1])
show(x[:, 1:, ::2])
show(x[..., 0])
show(x[0, ..., 1:3])
show(x[None, 0, 0])
show(x[:, None, 1])
show(x[:, [0, 2]])
show(x[[1, 0], [2, 0]])
show(x[:, torch.tensor([2, 1]), 1:3])
show(x[x > 20])
show(x[torch.tensor([True, False])])
show(x[:, torch.tensor([[0, 1], [1, 2]])][0, 0])
show(x[torch.tensor(1)])
print(x[1, 2, 3].item(), x.size(-1), len(x), x.numel())
y = torch.zeros(3, 4)
y[1] = 5
y[:, 2] = torch.tensor([1.0, 2.0, 3.0])
y[0, 1:3] += 10
y[[0, 2], [0, 3]] = 7
y[y > 9] = -1
show(y)
row = y[1]
row.mul_(2)
row[0] = 100
show(y)
z = y.view(2, 6)
z[0, 0] = -5
show(y[0])
t = y.t()
t += 1
show(y)
a, b = y[:2]
a.fill_(0)
show(y)
for r in y:
    r[0] = 9
show(y)
try:
    x[2]
except IndexError as e:
    print(e)
try:
    x[0, 0, 0, 0]
except IndexError as e:
    print(e)
