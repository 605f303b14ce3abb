"""Recurrent layers, written out step by step: a graph holds for one length of the sequence, and any batch size."""
import math

import torch
from torch.nn import functional as F
from torch.nn import init
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


def _tanh_step(x, h, hh):
    return torch.tanh(x + hh)


def _relu_step(x, h, hh):
    return torch.relu(x + hh)


def _gru_step(x, h, hh):
    """x, hh: [B, 3H], gates in the order reset, update, new."""
    xr, xz, xn = x.chunk(3, 1)
    hr, hz, hn = hh.chunk(3, 1)
    update = torch.sigmoid(xz + hz)
    new = torch.tanh(xn + torch.sigmoid(xr + hr) * hn)
    return new + update * (h - new)


def _lstm_step(x, c, hh):
    """x, hh: [B, 4H], gates in the order input, forget, cell, output. Gives (h, c)."""
    i, f, g, o = (x + hh).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}
_STEPS = {"GRU": _gru_step, "RNN_TANH": _tanh_step, "RNN_RELU": _relu_step}


class RNNBase(Module):
    __constants__ = [
        "mode",
        "input_size",
        "hidden_size",
        "num_layers",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "proj_size",
    ]

    def __init__(
        self,
        mode,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
        device=None,
        dtype=None,
    ):
        super().__init__()
        if mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        if not 0 <= dropout <= 1:
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the probability of an element being zeroed"
            )
        if hidden_size <= 0:
            raise ValueError("hidden_size must be greater than zero")
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if not 0 <= proj_size < hidden_size:
            raise ValueError("proj_size has to be a positive integer, smaller than hidden_size or zero to disable")
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        gates = _GATES[mode] * hidden_size
        out_size = proj_size or hidden_size
        for layer in range(num_layers):
            in_size = input_size if layer == 0 else out_size * self._directions()
            for direction in range(self._directions()):
                sizes = [("weight_ih", (gates, in_size)), ("weight_hh", (gates, out_size))]
                if bias:
                    sizes += [("bias_ih", (gates,)), ("bias_hh", (gates,))]
                if proj_size:
                    sizes.append(("weight_hr", (proj_size, hidden_size)))
                for name, size in sizes:
                    setattr(self, self._name(name, layer, direction), Parameter(torch.empty(size, dtype=dtype)))
        self.reset_parameters()

    def _directions(self):
        return 2 if self.bidirectional else 1

    def _name(self, name, layer, direction):
        return f"{name}_l{layer}" + ("_reverse" if direction else "")

    def _weight(self, name, layer, direction):
        return getattr(self, self._name(name, layer, direction), None)

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size)
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self):
        pass

    @property
    def all_weights(self):
        names = ["weight_ih", "weight_hh"] + (["bias_ih", "bias_hh"] if self.bias else [])
        if self.proj_size:
            names.append("weight_hr")
        return [
            [self._weight(name, layer, direction) for name in names]
            for layer in range(self.num_layers)
            for direction in range(self._directions())
        ]

    def _run(self, steps, layer, direction, h, c):
        """One direction of one layer over steps, each [B, in]: outputs in the order of the steps, and the last state."""
        w_ih, w_hh = self._weight("weight_ih", layer, direction), self._weight("weight_hh", layer, direction)
        b_ih, b_hh = self._weight("bias_ih", layer, direction), self._weight("bias_hh", layer, direction)
        w_hr = self._weight("weight_hr", layer, direction)
        outputs = []
        for x in reversed(steps) if direction else steps:
            x = F.linear(x, w_ih, b_ih)
            hh = F.linear(h, w_hh, b_hh)
            if self.mode == "LSTM":
                h, c = _lstm_step(x, c, hh)
                if w_hr is not None:
                    h = F.linear(h, w_hr)
            else:
                h = _STEPS[self.mode](x, h, hh)
            outputs.append(h)
        return outputs[::-1] if direction else outputs, h, c

    def _forward(self, input, h0, c0):
        """input: [T, B, in] (batch and time swapped where batch_first, no B for one sequence); h0, c0: [L*D, B, *]."""
        if not isinstance(input, torch.Tensor):
            raise TypeError(f"{type(self).__name__} takes a Tensor here, not {type(input).__name__}")
        if input.dim() not in (2, 3):
            raise ValueError(f"{type(self).__name__}: Expected input to be 2D or 3D, got {input.dim()}D instead")
        if input.size(-1) != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.size(-1)}"
            )
        batched = input.dim() == 3
        if not batched:
            input = input.unsqueeze(1)
        elif self.batch_first:
            input = input.transpose(0, 1)
        states = self.num_layers * self._directions()
        if h0 is None:
            h0 = torch.zeros(states, input.size(1), self.proj_size or self.hidden_size, dtype=input.dtype)
        elif not batched:
            h0 = h0.unsqueeze(1)
        if self.mode == "LSTM":
            if c0 is None:
                c0 = torch.zeros(states, input.size(1), self.hidden_size, dtype=input.dtype)
            elif not batched:
                c0 = c0.unsqueeze(1)

        steps = list(input.unbind(0))
        last_h, last_c = [], []
        for layer in range(self.num_layers):
            directions = []
            for direction in range(self._directions()):
                state = layer * self._directions() + direction
                outputs, h, c = self._run(steps, layer, direction, h0[state], None if c0 is None else c0[state])
                directions.append(outputs)
                last_h.append(h)
                last_c.append(c)
            steps = [torch.cat(both, 1) for both in zip(*directions)] if self.bidirectional else directions[0]
            if self.dropout and self.training and layer + 1 < self.num_layers:
                steps = list(F.dropout(torch.stack(steps), self.dropout, True).unbind(0))

        output = torch.stack(steps, 1 if batched and self.batch_first else 0)
        h_n = torch.stack(last_h)
        c_n = torch.stack(last_c) if self.mode == "LSTM" else None
        if not batched:
            output, h_n = output.squeeze(1), h_n.squeeze(1)
            c_n = None if c_n is None else c_n.squeeze(1)
        return output, h_n, c_n

    def extra_repr(self):
        s = f"{self.input_size}, {self.hidden_size}"
        if self.proj_size:
            s += f", proj_size={self.proj_size}"
        if self.num_layers != 1:
            s += f", num_layers={self.num_layers}"
        if self.bias is not True:
            s += f", bias={self.bias}"
        if self.batch_first is not False:
            s += f", batch_first={self.batch_first}"
        if self.dropout:
            s += f", dropout={self.dropout}"
        if self.bidirectional is not False:
            s += f", bidirectional={self.bidirectional}"
        return s


class RNN(RNNBase):
    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        self.nonlinearity = nonlinearity
        super().__init__("RNN_" + nonlinearity.upper(), input_size, hidden_size, num_layers, *args, **kwargs)

    def forward(self, input, hx=None):
        return self._forward(input, hx, None)[:2]


class GRU(RNNBase):
    def __init__(self, *args, **kwargs):
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input, hx=None):
        return self._forward(input, hx, None)[:2]


class LSTM(RNNBase):
    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input, hx=None):
        h0, c0 = (None, None) if hx is None else hx
        output, h_n, c_n = self._forward(input, h0, c0)
        return output, (h_n, c_n)


class RNNCellBase(Module):
    __constants__ = ["input_size", "hidden_size", "bias"]

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        self.weight_ih = Parameter(torch.empty((num_chunks * hidden_size, input_size), dtype=dtype))
        self.weight_hh = Parameter(torch.empty((num_chunks * hidden_size, hidden_size), dtype=dtype))
        if bias:
            self.bias_ih = Parameter(torch.empty(num_chunks * hidden_size, dtype=dtype))
            self.bias_hh = Parameter(torch.empty(num_chunks * hidden_size, dtype=dtype))
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        self.reset_parameters()

    def reset_parameters(self):
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _gates(self, input, h):
        """Both as [B, *]: what the input and the state give to the gates, and the state itself."""
        if h is None:
            h = torch.zeros(input.size(0), self.hidden_size, dtype=input.dtype)
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(h, self.weight_hh, self.bias_hh), h

    def _batched(self, input, hx):
        if input.dim() not in (1, 2):
            raise ValueError(f"{type(self).__name__}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        return input.dim() == 2

    def extra_repr(self):
        s = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            s += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            s += f", nonlinearity={self.nonlinearity}"
        return s


class _OneStateCell(RNNCellBase):
    """A cell whose state is one tensor. Its subclasses say which step it takes."""

    def forward(self, input, hx=None):
        if not self._batched(input, hx):
            return self.forward(input.unsqueeze(0), None if hx is None else hx.unsqueeze(0)).squeeze(0)
        x, hh, h = self._gates(input, hx)
        return self._step()(x, h, hh)


class RNNCell(_OneStateCell):
    __constants__ = ["input_size", "hidden_size", "bias", "nonlinearity"]

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def _step(self):
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return _STEPS["RNN_" + self.nonlinearity.upper()]


class GRUCell(_OneStateCell):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def _step(self):
        return _gru_step


class LSTMCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        if not self._batched(input, hx):
            h, c = self.forward(input.unsqueeze(0), None if hx is None else (hx[0].unsqueeze(0), hx[1].unsqueeze(0)))
            return h.squeeze(0), c.squeeze(0)
        h, c = (None, None) if hx is None else hx
        x, hh, h = self._gates(input, h)
        return _lstm_step(x, torch.zeros_like(h) if c is None else c, hh)
