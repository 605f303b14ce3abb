"""Writes tests/torch/data/nn.json: every torch.nn class as a real PyTorch builds, prints and runs it.

    python tests/torch/make_nn.py > tests/torch/data/nn.json

A case is an expression, the shapes of its inputs (drawn with torch.rand after the module) and a mode. nn_test.cc builds
the same in our evaluator.
"""
import json

import torch
from torch import nn

I = "int"  # a first input of integers below 10

CASES = [
    ("nn.Identity()", [(2, 3)]),
    ("nn.Linear(5, 3)", [(2, 5)]),
    ("nn.Linear(5, 3, bias=False)", [(2, 4, 5)]),
    ("nn.Bilinear(3, 4, 2)", [(2, 3), (2, 4)]),
    ("nn.Conv1d(4, 6, 3, stride=2, padding=1)", [(2, 4, 9)]),
    ("nn.Conv2d(3, 8, 3)", [(1, 3, 7, 7)]),
    ("nn.Conv2d(4, 8, (3, 5), stride=(2, 1), padding=(1, 2), dilation=(1, 1), groups=2, bias=False)", [(1, 4, 9, 8)]),
    ("nn.Conv2d(3, 4, 3, padding='same', dilation=2)", [(1, 3, 8, 8)]),
    ("nn.Conv2d(3, 4, 3, padding='valid')", [(1, 3, 8, 8)]),
    ("nn.Conv2d(3, 4, 3, padding=1, padding_mode='reflect')", [(1, 3, 6, 6)]),
    ("nn.Conv2d(3, 4, 3, padding=1, padding_mode='circular')", [(1, 3, 6, 6)]),
    ("nn.Conv3d(2, 3, 2)", [(1, 2, 4, 4, 4)]),
    ("nn.ConvTranspose1d(3, 4, 3, stride=2)", [(1, 3, 5)]),
    ("nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)", [(1, 4, 5, 5)]),
    ("nn.BatchNorm1d(4)", [(5, 4)]),
    ("nn.BatchNorm2d(3)", [(2, 3, 4, 4)]),
    ("nn.BatchNorm2d(3)", [(2, 3, 4, 4)], "train"),
    ("nn.BatchNorm2d(3, affine=False, momentum=None)", [(2, 3, 4, 4)], "train"),
    ("nn.BatchNorm2d(3, track_running_stats=False)", [(2, 3, 4, 4)]),
    ("nn.BatchNorm3d(2)", [(2, 2, 3, 3, 3)]),
    ("nn.SyncBatchNorm(2)", [(2, 2, 3, 3)]),
    ("nn.InstanceNorm1d(3)", [(2, 3, 7)]),
    ("nn.InstanceNorm2d(3, affine=True)", [(2, 3, 4, 4)]),
    ("nn.LayerNorm(6)", [(2, 3, 6)]),
    ("nn.LayerNorm((3, 6), elementwise_affine=False)", [(2, 3, 6)]),
    ("nn.GroupNorm(2, 6)", [(2, 6, 3, 3)]),
    ("nn.RMSNorm(6)", [(2, 3, 6)]),
    ("nn.LocalResponseNorm(3)", [(1, 6, 4, 4)]),
    ("nn.ReLU()", [(3, 4)]),
    ("nn.ReLU(inplace=True)", [(3, 4)]),
    ("nn.ReLU6()", [(3, 4)]),
    ("nn.RReLU()", [(3, 4)]),
    ("nn.Hardtanh(-0.2, 0.3)", [(3, 4)]),
    ("nn.Threshold(0.3, 0.1)", [(3, 4)]),
    ("nn.Sigmoid()", [(3, 4)]),
    ("nn.Hardsigmoid()", [(3, 4)]),
    ("nn.Tanh()", [(3, 4)]),
    ("nn.SiLU()", [(3, 4)]),
    ("nn.SiLU(inplace=True)", [(3, 4)]),
    ("nn.Mish()", [(3, 4)]),
    ("nn.Hardswish()", [(3, 4)]),
    ("nn.Hardswish(inplace=True)", [(3, 4)]),
    ("nn.ELU()", [(3, 4)]),
    ("nn.CELU(0.7)", [(3, 4)]),
    ("nn.SELU()", [(3, 4)]),
    ("nn.GLU()", [(3, 4)]),
    ("nn.GELU()", [(3, 4)]),
    ("nn.GELU('tanh')", [(3, 4)]),
    ("nn.Hardshrink()", [(3, 4)]),
    ("nn.Softshrink()", [(3, 4)]),
    ("nn.LeakyReLU(0.2, inplace=True)", [(3, 4)]),
    ("nn.LogSigmoid()", [(3, 4)]),
    ("nn.Softplus()", [(3, 4)]),
    ("nn.PReLU(3)", [(2, 3, 4)]),
    ("nn.Softsign()", [(3, 4)]),
    ("nn.Tanhshrink()", [(3, 4)]),
    ("nn.Softmin(1)", [(3, 4)]),
    ("nn.Softmax(-1)", [(3, 4)]),
    ("nn.Softmax2d()", [(1, 3, 2, 2)]),
    ("nn.LogSoftmax(dim=0)", [(3, 4)]),
    ("nn.MaxPool1d(2)", [(1, 2, 7)]),
    ("nn.MaxPool2d(3, stride=2, padding=1)", [(1, 2, 7, 7)]),
    ("nn.MaxPool2d(2, ceil_mode=True)", [(1, 2, 7, 7)]),
    ("nn.MaxPool2d(2, return_indices=True)", [(1, 2, 6, 6)]),
    ("nn.MaxPool3d(2)", [(1, 2, 4, 4, 4)]),
    ("nn.AvgPool1d(2)", [(1, 2, 7)]),
    ("nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)", [(1, 2, 7, 7)]),
    ("nn.AvgPool3d(2)", [(1, 2, 4, 4, 4)]),
    ("nn.LPPool2d(2, 2)", [(1, 2, 6, 6)]),
    ("nn.AdaptiveAvgPool1d(3)", [(1, 2, 7)]),
    ("nn.AdaptiveAvgPool2d((1, 1))", [(1, 2, 7, 7)]),
    ("nn.AdaptiveAvgPool2d((None, 3))", [(1, 2, 5, 7)]),
    ("nn.AdaptiveAvgPool3d(2)", [(1, 2, 5, 5, 5)]),
    ("nn.AdaptiveMaxPool2d(2)", [(1, 2, 7, 7)]),
    ("nn.Dropout(0.3)", [(3, 4)]),
    ("nn.Dropout(0.3)", [(3, 8)], "train"),
    ("nn.Dropout2d(0.5)", [(2, 4, 3, 3)], "train"),
    ("nn.AlphaDropout(0.2)", [(3, 4)]),
    ("nn.Flatten()", [(2, 3, 4)]),
    ("nn.Unflatten(1, (2, 3))", [(2, 6)]),
    ("nn.Upsample(scale_factor=2)", [(1, 2, 3, 3)]),
    ("nn.Upsample(size=(5, 7), mode='bilinear', align_corners=True)", [(1, 2, 3, 3)]),
    ("nn.Upsample(scale_factor=2, mode='bilinear')", [(1, 2, 3, 3)]),
    ("nn.Upsample(scale_factor=2, mode='bicubic')", [(1, 2, 4, 4)]),
    ("nn.UpsamplingNearest2d(scale_factor=3)", [(1, 2, 3, 3)]),
    ("nn.UpsamplingBilinear2d(scale_factor=2)", [(1, 2, 3, 3)]),
    ("nn.ZeroPad2d((1, 2, 0, 1))", [(1, 2, 3, 3)]),
    ("nn.ConstantPad2d(1, 3.5)", [(1, 2, 3, 3)]),
    ("nn.ConstantPad1d(2, 0.5)", [(1, 2, 3)]),
    ("nn.ReflectionPad2d(1)", [(1, 2, 3, 3)]),
    ("nn.ReplicationPad2d((1, 2, 1, 0))", [(1, 2, 3, 3)]),
    ("nn.CircularPad2d(1)", [(1, 2, 3, 3)]),
    ("nn.PixelShuffle(2)", [(1, 8, 3, 3)]),
    ("nn.PixelUnshuffle(2)", [(1, 2, 4, 4)]),
    ("nn.ChannelShuffle(2)", [(1, 4, 2, 2)]),
    ("nn.Embedding(10, 4, padding_idx=1)", [I]),
    ("nn.EmbeddingBag(10, 4)", [I]),
    ("nn.EmbeddingBag(10, 4, mode='max', padding_idx=2)", [I]),
    ("nn.RNN(3, 4, 2, 'relu', bias=False)", [(5, 2, 3)]),
    ("nn.GRU(3, 4, 2, batch_first=True, bidirectional=True)", [(2, 5, 3)]),
    ("nn.LSTM(3, 4, num_layers=2, proj_size=2, bidirectional=True)", [(5, 2, 3)]),
    ("nn.LSTM(3, 4)", [(5, 3)]),
    ("nn.RNNCell(3, 4)", [(2, 3)]),
    ("nn.GRUCell(3, 4)", [(2, 3)]),
    ("nn.LSTMCell(3, 4)", [(2, 3)]),
    ("nn.utils.spectral_norm(nn.Conv2d(3, 4, 3))", [(1, 3, 5, 5)]),
    ("nn.PairwiseDistance()", [(3, 4), (3, 4)]),
    ("nn.CosineSimilarity()", [(3, 4), (3, 4)]),
    ("nn.Unfold(2)", [(1, 2, 4, 4)]),
    ("nn.Fold((4, 4), 2, stride=2)", [(1, 8, 4)]),
    ("nn.MSELoss()", [(3, 4), (3, 4)]),
    ("nn.L1Loss(reduction='sum')", [(3, 4), (3, 4)]),
    ("nn.SmoothL1Loss()", [(3, 4), (3, 4)]),
    ("nn.BCELoss()", [(3, 4), (3, 4)]),
    ("nn.BCEWithLogitsLoss()", [(3, 4), (3, 4)]),
    ("nn.CrossEntropyLoss()", []),
    ("nn.MultiheadAttention(8, 2)", [(5, 2, 8)] * 3),
    ("nn.MultiheadAttention(8, 2, batch_first=True, bias=False, kdim=6, vdim=6)", [(2, 5, 8), (2, 4, 6), (2, 4, 6)]),
    ("nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)", [(2, 5, 8)]),
    ("nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, norm_first=True), 2)", [(5, 2, 8)]),
    ("nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())[:2]", [(1, 3, 5, 5)]),
    ("nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.ReLU()])", []),
    ("nn.ModuleDict({'a': nn.Linear(2, 3), 'b': nn.Tanh()})", []),
    ("nn.ParameterList([nn.Parameter(torch.ones(2)), nn.Parameter(torch.zeros(3))])", []),
    ("nn.Sequential(nn.Linear(3, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 2)))", [(2, 3)]),
]


def sums(tensor):
    t = tensor.detach().double()
    return [float(t.sum()), float(t.abs().sum())]


def run(expr, shapes, mode="eval"):
    torch.manual_seed(0)
    module = eval(expr)
    case = {"expr": expr, "inputs": shapes, "mode": mode, "repr": repr(module)}
    module.train(mode == "train")
    if shapes:
        inputs = [torch.randint(0, 10, (2, 3)) if s == I else torch.rand(s) for s in shapes]
        with torch.no_grad():
            out = module(*inputs)
        if isinstance(out, tuple):
            out = out[0]
        case["shape"] = list(out.shape)
        case["values"] = [round(v, 9) for v in out.double().flatten().tolist()[:48]]
        case["sums"] = sums(out)
    case["state"] = [[k, list(v.shape)] + sums(v) for k, v in module.state_dict().items()]
    return case


def main():
    print("[\n" + ",\n".join(json.dumps(run(*case)) for case in CASES) + "\n]")


main()
