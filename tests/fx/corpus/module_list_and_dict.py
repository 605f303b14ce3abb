from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.by_name = nn.ModuleDict({"up": nn.Linear(4, 8), "down": nn.Linear(8, 4)})

    def forward(self, x):
        for i, step in enumerate(self.steps):
            x = step(x) * i
        for step in self.steps[1:]:
            x = step(x)
        for name, module in self.by_name.items():
            x = module(x)
        return self.by_name["up"](x), self.steps[-1](x), len(self.steps)


def run():
    return fx.Tracer().trace(Net())
