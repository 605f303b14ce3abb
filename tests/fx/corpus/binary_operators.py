from torch import fx


def f(a, b):
    parts = [a + b, a - b, a * b, a / b, a // b, a % b, a ** b, a @ b, a & b, a | b, a ^ b, a << b, a >> b]
    return parts


def run():
    return fx.Tracer().trace(f)
