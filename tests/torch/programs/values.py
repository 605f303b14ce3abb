# Types, conversions, promotion and in-place rules.
import torch

a = torch.tensor([1, 2, 3])
b = torch.tensor([1.5, 2.5, 3.5])
print((a + 1).dtype, (a + 1.0).dtype, (a + b).dtype, (a / 2).dtype, (a // 2).dtype, (b.half() + 1.0).dtype)
print((a > 1).tolist(), (2 - a).tolist(), (2**a).tolist(), (6 / a).tolist(), (-a).tolist(), (a % 2).tolist())
print((a == 2).dtype, torch.tensor(True).dtype, torch.tensor([1, 2.0]).dtype, torch.tensor([]).dtype)
print(a.float().dtype, b.long().tolist(), b.to(torch.float64).dtype, b.type_as(a).dtype, a.type())
print(a.to("cpu").device, a.device == torch.device("cpu"), repr(torch.device("cuda:1")), torch.device("cpu"))
print(b.shape, b.size(), b.dim(), b.ndim, torch.Size([2, 3]).numel(), tuple(b.shape))
print(float(b[0]), int(a[1]), bool(a[0]), a.sum().item(), b.mean().item(), a.max().item())
print(torch.finfo(torch.float32).eps, torch.iinfo(torch.int8).max, torch.get_default_dtype())
try:
    a += 0.5
except RuntimeError as e:
    print(e)
a += 2
print(a.tolist())
c = b.clone()
c.add_(1).mul_(2).clamp_(0, 8)
print(c.tolist(), b.tolist())
d = b.detach()
d.zero_()
print(b.tolist())
v, i = torch.max(torch.tensor([[1.0, 5.0], [7.0, 2.0]]), 1)
print(v.tolist(), i.tolist())
m = torch.tensor([[3.0, 1.0], [2.0, 4.0]]).max(dim=0)
print(m.values.tolist(), m.indices.tolist())
print(torch.maximum(torch.tensor([1, 5]), torch.tensor([3, 2])).tolist(), torch.tensor([1, 5]).max().item())
print([t.tolist() for t in torch.arange(5).split(2)], [t.tolist() for t in torch.arange(6).chunk(3)])
print([t.tolist() for t in torch.arange(6).split([1, 2, 3])], [t.item() for t in torch.arange(3).unbind()])
print(torch.zeros(2, 3).shape, torch.zeros((2, 3)).shape, torch.ones([2], dtype=torch.int32).dtype)
print(torch.full((2,), 3).dtype, torch.full((2,), 3.0).dtype, torch.arange(0, 1, 0.25).tolist(), torch.eye(2).tolist())
x = torch.arange(6.0).reshape(2, 3)
print(x.permute(1, 0).shape, x.view(-1).shape, x.view(3, 2).shape, x.expand(4, 2, 3).shape, x.repeat(2, 1).shape)
print(x.t().is_contiguous(), x.t().contiguous().is_contiguous(), x.t().stride(), x.transpose(0, 1).reshape(6).tolist())
print(torch.cat([x, x], dim=1).shape, torch.stack([x, x]).shape, x.unsqueeze(0).squeeze().shape, x.flatten().shape)
print(x.mean(dim=1).tolist(), x.sum(0, keepdim=True).shape, x.amax(1).tolist(), x.norm().item() ** 2)
print(x.new_zeros(2).dtype, x.new_ones((1, 2)).shape, x.new_full((2,), 7).tolist(), x.new_tensor([1, 2]).dtype)
print(torch.where(x > 2, x, torch.zeros_like(x)).tolist(), torch.where(x > 2, 1.0, 0.0).sum().item())
print(torch.equal(x, x.clone()), torch.allclose(x, x + 1e-9), torch.is_tensor(x), torch.is_floating_point(a))
g = torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
print([t.tolist() for t in g])
print(torch.einsum("ij,kj->ik", x, x).tolist(), (x @ x.t()).tolist())
with torch.no_grad():
    print(torch.is_grad_enabled())
print(torch.is_grad_enabled())


@torch.no_grad()
def f():
    return torch.is_grad_enabled()


print(f())
p = torch.nn.Parameter(torch.ones(2))
print(isinstance(p, torch.Tensor), isinstance(p, torch.nn.Parameter), p.requires_grad, type(p).__name__, type(p + 1).__name__)
try:
    x.view(4, 2)
except RuntimeError as e:
    print("RuntimeError")
try:
    torch.relu(3)
except TypeError as e:
    print("TypeError")
