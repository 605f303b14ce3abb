"""Writes presets.inc: what torchvision's classification weights do to an image. Run with torchvision installed.

    python3 tools/predict/make_presets.py > tools/predict/presets.inc
"""

import torchvision
from torchvision.transforms._presets import ImageClassification

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def rows():
    models = torchvision.models
    for name in models.list_models(module=models):
        for weights in models.get_model_weights(name):
            transform = weights.transforms()
            if isinstance(transform, ImageClassification):
                yield str(weights), transform


def numbers(values):
    return "kImageNetMean" if tuple(values) == IMAGENET[0] else (
        "kImageNetDeviation" if tuple(values) == IMAGENET[1] else "{%s}" % ", ".join(repr(v) for v in values))


def main():
    print(f"// torchvision {torchvision.__version__.split('+')[0]}'s; written by make_presets.py.")
    seen = {}
    for name, t in rows():
        assert len(t.resize_size) == 1 and len(t.crop_size) == 1, name
        seen[name] = (t.resize_size[0], t.crop_size[0], t.interpolation.value, numbers(t.mean), numbers(t.std))
    for name, (resize, crop, interpolation, mean, std) in sorted(seen.items()):
        print(f'{{"{name}", {resize}, {crop}, Interpolation::k{interpolation.capitalize()}, {mean}, {std}}},')


if __name__ == "__main__":
    main()
