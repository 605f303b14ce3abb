"""torch.lstm, gru, rnn_tanh, rnn_relu and their cells, written out step by step: a graph holds for one length of the
sequence, and any batch size.

`params` has the weights of each layer and direction in turn: weight_ih, weight_hh, then bias_ih and bias_hh where there are
biases, then weight_hr where the state is projected.
"""
import torch
from torch.nn import functional as F


def _rnn_tanh_step(x, h, hh):
    return torch.tanh(x + hh)


def _rnn_relu_step(x, h, hh):
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


def _layers(step, input, h0, c0, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    """input: [T, B, in], h0: [L*D, B, out], c0: [L*D, B, H] for an LSTM (step None). Gives output, h_n, c_n."""
    directions = 2 if bidirectional else 1
    a_state = len(params) // (num_layers * directions)
    projected = a_state == (5 if has_biases else 3)
    steps = list((input.transpose(0, 1) if batch_first else input).unbind(0))
    last_h, last_c = [], []
    for layer in range(num_layers):
        outputs = []
        for direction in range(directions):
            state = layer * directions + direction
            weights = params[state * a_state : (state + 1) * a_state]
            b_ih, b_hh = weights[2:4] if has_biases else (None, None)
            h, c = h0[state], None if c0 is None else c0[state]
            outputs.append([])
            for x in reversed(steps) if direction else steps:
                x, hh = F.linear(x, weights[0], b_ih), F.linear(h, weights[1], b_hh)
                if step is None:
                    h, c = _lstm_step(x, c, hh)
                    if projected:
                        h = F.linear(h, weights[-1])
                else:
                    h = step(x, h, hh)
                outputs[-1].append(h)
            if direction:
                outputs[-1].reverse()
            last_h.append(h)
            last_c.append(c)
        steps = [torch.cat(both, 1) for both in zip(*outputs)] if bidirectional else outputs[0]
        if dropout and train and layer + 1 < num_layers:
            steps = list(F.dropout(torch.stack(steps), dropout, True).unbind(0))
    return torch.stack(steps, 1 if batch_first else 0), torch.stack(last_h), last_c


def lstm(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    h0, c0 = hx
    output, h_n, last_c = _layers(
        None, input, h0, c0, params, has_biases, num_layers, dropout, train, bidirectional, batch_first
    )
    return output, h_n, torch.stack(last_c)


def gru(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    return _layers(
        _gru_step, input, hx, None, params, has_biases, num_layers, dropout, train, bidirectional, batch_first
    )[:2]


def rnn_tanh(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    return _layers(
        _rnn_tanh_step, input, hx, None, params, has_biases, num_layers, dropout, train, bidirectional, batch_first
    )[:2]


def rnn_relu(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first):
    return _layers(
        _rnn_relu_step, input, hx, None, params, has_biases, num_layers, dropout, train, bidirectional, batch_first
    )[:2]


def lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    h, c = hx
    return _lstm_step(F.linear(input, w_ih, b_ih), c, F.linear(h, w_hh, b_hh))


def gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    return _gru_step(F.linear(input, w_ih, b_ih), hx, F.linear(hx, w_hh, b_hh))


def rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    return _rnn_tanh_step(F.linear(input, w_ih, b_ih), hx, F.linear(hx, w_hh, b_hh))


def rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None):
    return _rnn_relu_step(F.linear(input, w_ih, b_ih), hx, F.linear(hx, w_hh, b_hh))
