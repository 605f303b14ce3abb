"""Throughput of fusepack and its peers on one machine, in one run, by turns.

    tools/bench_peers [--model resnet18] [--batch 1,8,32] [--rounds 3] [--seconds 2] [--json OUT]

Every engine runs alone, in a process of its own that has loaded its model before the clock starts; rounds go through
all engines in turn, so that a machine that changes its speed changes it for all. Before anything is timed, each
engine's output is compared with PyTorch's in float64 on the same input: one that differs by more than its precision allows
(TOLERANCE) is not timed. fusepack runs in each of its precision modes (--modes), and each mode is compared with the peers of
its class: fp32 and fp32-split with fp32, bf16 with bf16, int8 with int8. The table shows the median over rounds (with
--best the best round, for machines that others use too) and the ratio of each mode to each such peer and to the best one.
A peer that cannot be opened (OpenVINO's int8 needs nncf, ONNX Runtime's needs its quantiser) is named, with the reason.

A figure without its ratio says little on a shared machine.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# The peers and their precision classes.
PEERS = {"onnxruntime": "fp32", "openvino": "fp32", "torch": "fp32", "openvino bf16": "bf16", "torch bf16": "bf16",
         "onnxruntime int8": "int8", "openvino int8": "int8"}
# fusepack's modes and theirs.
MODES = {"fp32": "fp32", "fp32-split": "fp32", "bf16": "bf16", "int8": "int8"}
# Of the largest output, random weights: outputs of untrained networks lie close together, so that int8 moves them much.
TOLERANCE = {"fp32": 1e-4, "bf16": 5e-2, "int8": 3e-1}
CALIBRATION_IMAGES = 8  # that every int8 engine gets


def timed(call, seconds):
    """Calls per second over at least `seconds`, after one call that is not counted."""
    call()
    calls, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds or calls < 3:
        call()
        calls += 1
    return calls / elapsed


# Each opens its model in `folder` and returns a function of one numpy batch.
def open_onnxruntime(folder, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def calibration_images(folder):
    import numpy

    return [image[None] for image in numpy.load(folder / "calibration.npy")]


def open_onnxruntime_int8(folder, threads):
    import onnxruntime
    from onnxruntime import quantization

    class Images(quantization.CalibrationDataReader):
        def __init__(self):
            name = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"]).get_inputs()[0].name
            self.left = iter([{name: x} for x in calibration_images(folder)])

        def get_next(self):
            return next(self.left, None)

    prepared, quantised = folder / "prepared.onnx", folder / "int8.onnx"
    quantization.quant_pre_process(str(folder / "model.onnx"), str(prepared))
    quantization.quantize_static(str(prepared), str(quantised), Images(), per_channel=True,
                                 activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(quantised, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def open_openvino(folder, threads, precision="f32"):
    import openvino

    core = openvino.Core()
    source = core.read_model(folder / "model.onnx")
    if precision == "int8":
        import nncf

        source = nncf.quantize(source, nncf.Dataset(calibration_images(folder)), subset_size=CALIBRATION_IMAGES)
    hint = "bf16" if precision == "bf16" else "f32"
    config = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": hint}
    model = core.compile_model(source, "CPU", config)
    return lambda x: model(x)[0]


def open_torch(folder, threads, bf16=False):
    import torch

    torch.set_num_threads(threads)
    dtype = torch.bfloat16 if bf16 else torch.float32
    model = torch.load(folder / "model.pth", weights_only=False).eval().to(dtype=dtype, memory_format=torch.channels_last)

    def run(x):
        with torch.inference_mode():
            return model(torch.from_numpy(x).to(dtype=dtype, memory_format=torch.channels_last)).float().numpy()

    return run


def serve(engine, folder, threads):
    """A peer's process: reads one command a line, answers one line of JSON."""
    import numpy

    openers = {"onnxruntime": open_onnxruntime, "openvino": open_openvino, "torch": open_torch,
               "openvino bf16": lambda f, t: open_openvino(f, t, "bf16"), "torch bf16": lambda f, t: open_torch(f, t, True),
               "onnxruntime int8": open_onnxruntime_int8, "openvino int8": lambda f, t: open_openvino(f, t, "int8")}
    # A library that reports progress on stdout would end up among the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    try:
        run = openers[engine](folder, threads)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}".splitlines()[0]}), file=answers, flush=True)
        return
    print(json.dumps({"ok": True}), file=answers, flush=True)
    for line in sys.stdin:
        command, batch, seconds = line.split()
        x = numpy.load(folder / f"x{batch}.npy")
        if command == "check":
            numpy.save(folder / f"{engine}{batch}.npy", run(x))
            print(json.dumps({"ok": True}), file=answers, flush=True)
        else:
            print(json.dumps({"rate": timed(lambda: run(x), float(seconds)) * int(batch)}), file=answers, flush=True)


class Peer:
    def __init__(self, engine, folder, threads):
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", engine, str(folder), str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        )
        # Why it could not be opened; None where it could.
        self.error = json.loads(self.process.stdout.readline() or '{"error": "ended at once"}').get("error")

    def ask(self, *words):
        print(*words, file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def output(self, folder, engine, batch):
        import numpy

        self.ask("check", batch, 0)
        return numpy.load(folder / f"{engine}{batch}.npy")

    def rate(self, batch, seconds):
        return self.ask("time", batch, seconds)["rate"]


class Fusepack:
    """`fusepack bench` checks its own output before it times; `run` gives the output that is compared here."""

    def __init__(self, folder, threads, mode):
        self.command, self.folder = REPOSITORY / "bazel-bin/tools/fusepack", folder
        self.options = ["--threads", str(threads), "--precision", mode]

    def call(self, *arguments):
        subprocess.run([self.command, *arguments, *self.options], check=True, stdout=subprocess.DEVNULL)

    def output(self, folder, _, batch):
        import numpy

        self.call("run", folder / "model.fpk", "--input", folder / f"x{batch}.npy", "--output", folder / "y.npy")
        return numpy.load(folder / "y.npy")

    def rate(self, batch, seconds):
        result = self.folder / "bench.json"
        self.call("bench", self.folder / "model.fpk", "--batch", str(batch), "--seconds", str(seconds), "--json", result)
        return json.loads(result.read_text())["results"][0]["images_per_second"]


def make_models(name, size, batches, folder):
    """The same model for everyone: a torch.package archive, an ONNX file, a pickle; inputs and float64 outputs."""
    import numpy
    import torch
    import torch.package
    import torchvision

    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(weights=None).eval()
    with torch.package.PackageExporter(str(folder / "model.pt")) as exporter:
        exporter.extern(["sys", "io", "numpy.**", "PIL.**", "torchvision.extension"], allow_empty=True)
        exporter.intern("torchvision.**")
        exporter.save_pickle("model", "model.pkl", model)
    torch.save(model, folder / "model.pth")
    example = torch.rand(2, 3, size, size)
    torch.onnx.export(model, (example,), str(folder / "model.onnx"), dynamo=True, external_data=False,
                      dynamic_shapes=({0: torch.export.Dim("batch")},), verbose=False)
    expected = {}
    with torch.no_grad():
        for batch in batches:
            x = torch.rand(batch, 3, size, size)
            numpy.save(folder / f"x{batch}.npy", x.numpy())
            expected[batch] = torch.cat([model.double()(image[None].double()) for image in x]).numpy()
    model.float()
    images = torch.rand(CALIBRATION_IMAGES, 3, size, size).numpy()
    numpy.save(folder / "calibration.npy", images)
    calibration = []
    for i, image in enumerate(images):
        numpy.save(folder / f"calibration{i}.npy", image[None])
        calibration += ["--calibration-input", folder / f"calibration{i}.npy"]
    subprocess.run([REPOSITORY / "bazel-bin/tools/fusepack", "convert", folder / "model.pt", "-o", folder / "model.fpk",
                    "--shape", f"1x3x{size}x{size}", "--calibrate", "minmax", *calibration], check=True)
    return expected


def main():
    parser = argparse.ArgumentParser(prog="bench_peers", description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="resnet18", help="a torchvision model")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", default="1,8,32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="a measurement's length")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--modes", default=",".join(MODES), help="fusepack's precision modes")
    parser.add_argument("--best", action="store_true", help="show the best round, not the median")
    parser.add_argument("--json", type=pathlib.Path, help="write the figures here")
    options = parser.parse_args()
    batches = [int(b) for b in options.batch.split(",")]

    import numpy

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        expected = make_models(options.model, options.size, batches, folder)
        engines = {"fusepack " + mode: Fusepack(folder, options.threads, mode) for mode in options.modes.split(",")}
        own_engines = list(engines)
        classes = {MODES[mode] for mode in options.modes.split(",")}
        class_of = {own: MODES[own.removeprefix("fusepack ")] for own in own_engines}
        for engine, precision in PEERS.items():
            if precision not in classes:
                continue
            peer = Peer(engine, folder, options.threads)
            if peer.error:
                print(f"{engine}: not available ({peer.error})", file=sys.stderr)
                continue
            engines[engine], class_of[engine] = peer, precision
        error = {}
        for engine, peer in engines.items():
            for batch in batches:
                y = peer.output(folder, engine, batch)
                error[engine, batch] = float(numpy.abs(y - expected[batch]).max() / numpy.abs(expected[batch]).max())
        rates = {key: [] for key in error if error[key] <= TOLERANCE[class_of[key[0]]]}
        for round_ in range(options.rounds):
            for batch in batches:
                for engine, peer in engines.items():
                    if (engine, batch) in rates:
                        rates[engine, batch].append(peer.rate(batch, options.seconds))
            print(f"round {round_ + 1} of {options.rounds}", file=sys.stderr)
        for peer in engines.values():
            if isinstance(peer, Peer):
                peer.process.stdin.close()

    results = []
    typical = max if options.best else statistics.median
    print(f"{options.model}, {options.size}x{options.size}, {options.modes}, {options.threads} threads, images/s "
          f"({'best' if options.best else 'median'} of {options.rounds})")
    print(f"{'batch':>5}  {'engine':<20} {'images/s':>9} {'min':>8} {'max':>8} {'error':>8}" +
          "".join(f"  {own.removeprefix('fusepack ') + ' is':>14}" for own in own_engines))
    for batch in batches:
        shown = {engine: typical(rates[engine, batch]) for engine in engines if (engine, batch) in rates}
        best_peer = {c: max((shown[e] for e in PEERS if e in shown and class_of[e] == c), default=float("nan")) for c in classes}
        for engine in engines:
            if engine not in shown:
                print(f"{batch:>5}  {engine:<20} not timed: error {error[engine, batch]:.1e} of the largest output")
                continue
            found, rate = rates[engine, batch], shown[engine]
            ratios = {own: shown[own] / rate for own in own_engines
                      if own in shown and engine in PEERS and class_of[own] == class_of[engine]}
            print(f"{batch:>5}  {engine:<20} {rate:9.1f} {min(found):8.1f} {max(found):8.1f} {error[engine, batch]:8.1e}" +
                  "".join(f"  {ratios[own]:13.2f}x" if own in ratios else " " * 16 for own in own_engines))
            results.append({"batch": batch, "engine": engine, "images_per_second": rate, "rounds": found,
                            "error": error[engine, batch], "ratios": ratios, "precision": class_of[engine], "to_best_peer": rate / best_peer[class_of[engine]]})
        print(f"{batch:>5}  {'to the best peer':<20} {'':>36}" +
              "".join(f"  {shown.get(own, float('nan')) / best_peer[class_of[own]]:13.2f}x" for own in own_engines))
    if options.json:
        options.json.write_text(json.dumps({"model": options.model, "threads": options.threads, "results": results}, indent=2))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
