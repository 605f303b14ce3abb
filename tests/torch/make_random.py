"""Writes tests/torch/data/random.json: draws of a real PyTorch (run with a Python that has torch).

    python tests/torch/make_random.py > tests/torch/data/random.json

Each case seeds with 3, draws, and then draws one more number, which shows how far the generator has moved.
"""
import json

import torch


def case(name, draw):
    torch.manual_seed(3)
    values = draw().flatten().to(torch.float64).tolist()
    return {"name": name, "values": values, "then": float(torch.rand(1, dtype=torch.float64))}


def main():
    f64 = torch.float64
    cases = [
        case("uniform f32", lambda: torch.empty(21).uniform_(-1, 2)),
        case("uniform f64", lambda: torch.empty(5, dtype=f64).uniform_(-1, 2)),
        case("uniform f32 transposed", lambda: torch.empty(3, 4).t().uniform_(0, 1).t()),
        case("normal f32 5", lambda: torch.empty(5).normal_(1, 2)),
        case("normal f32 16", lambda: torch.empty(16).normal_(1, 2)),
        case("normal f32 37", lambda: torch.empty(37).normal_(1, 2)),
        case("normal f64 5", lambda: torch.empty(5, dtype=f64).normal_(1, 2)),
        case("normal f64 37", lambda: torch.empty(37, dtype=f64).normal_(1, 2)),
        case("normal bf16 5", lambda: torch.empty(5, dtype=torch.bfloat16).normal_(1, 2)),
        case("bernoulli_ 0.3", lambda: torch.empty(40).bernoulli_(0.3)),
        case("bernoulli 0.3", lambda: torch.bernoulli(torch.full((40,), 0.3))),
        case("randint 10", lambda: torch.randint(0, 10, (8,))),
        case("randint -5 2^29", lambda: torch.randint(-5, 2**29, (8,))),
        case("randperm 9", lambda: torch.randperm(9)),
        case("trunc_normal 0 0.02 -2 2", lambda: torch.nn.init.trunc_normal_(torch.empty(20), 0, 0.02)),
        case("trunc_normal 0 1 -1 1", lambda: torch.nn.init.trunc_normal_(torch.empty(20), 0, 1, -1, 1)),
        case("trunc_normal 0.5 2 -0.3 0.3", lambda: torch.nn.init.trunc_normal_(torch.empty(20), 0.5, 2, -0.3, 0.3)),
    ]
    print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")


main()
