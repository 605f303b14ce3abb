from torch import fx


def f(d, pair, k):
    return {"sum": d["a"] + d["b"][0], "pair": (pair[0], pair[1] * k)}


def run():
    return fx.Tracer().trace(f, concrete_args={"d": {"a": fx.PH, "b": [fx.PH]}, "pair": (fx.PH, fx.PH)})
