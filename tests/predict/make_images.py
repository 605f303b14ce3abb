"""Writes images/: a small image of every kind, and in images/expected/ what PIL reads from it. Run with Pillow and NumPy.

    python3 tests/predict/make_images.py

NAME.npy: numpy.asarray(ImageOps.exif_transpose(Image.open(f)).convert("RGB")); NAME.grey.npy: .convert("L");
NAME.<filter>-<height>x<width>.npy: the first one resized. Images that PIL refuses begin with "bad_" and have none.
"""

import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

HERE = pathlib.Path(__file__).parent / "images"
FILTERS = {
    "nearest": Image.Resampling.NEAREST, "box": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS,
}


def picture(height, width, seed=0):
    """u8[height,width,3]: gradients, an edge and noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 255 / max(width - 1, 1), y * 255 / max(height - 1, 1), (x * 7 + y * 5) % 256], -1)
    rgb[height // 3: height // 2, width // 4: width // 2] = (250, 20, 5)
    return np.clip(rgb + rng.normal(0, 12, rgb.shape), 0, 255).astype(np.uint8)


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def raw_png(width, height, bits, color, rows, extra=b"", interlace=0):
    """A PNG of rows as they are stored, each with its filter byte."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", zlib.compress(rows, 9)) +
            png_chunk(b"IEND", b""))


def interlaced(pixels):
    """Adam7 of u8[h,w,3] as rows."""
    out = b""
    for y0, x0, dy, dx in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        part = pixels[y0::dy, x0::dx]
        if part.size:
            out += b"".join(b"\0" + row.tobytes() for row in part)
    return out


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def images():
    rgb = Image.fromarray(picture(37, 53))
    for name, options in {
        "rgb_444": dict(subsampling=0), "rgb_420": dict(subsampling=2), "rgb_422": dict(subsampling=1),
        "rgb_progressive": dict(progressive=True, quality=80), "rgb_restart": dict(restart_marker_rows=1), "rgb_q20": dict(quality=20),
    }.items():
        yield name + ".jpg", saved(rgb, "JPEG", **options)
    yield "grey.jpg", saved(rgb.convert("L"), "JPEG")
    yield "cmyk.jpg", saved(rgb.convert("CMYK"), "JPEG")
    yield "one_pixel.jpg", saved(Image.fromarray(picture(1, 1)), "JPEG")
    yield "tall.jpg", saved(Image.fromarray(picture(90, 7)), "JPEG")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"exif_{orientation}.jpg", saved(Image.fromarray(picture(21, 33)), "JPEG", exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "exif_6.png", saved(Image.fromarray(picture(11, 17)), "PNG", exif=exif)
    yield "exif_9.jpg", saved(Image.fromarray(picture(9, 12)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0\0\0\0\0")

    small = Image.fromarray(picture(19, 27))
    alpha = Image.fromarray((np.arange(19 * 27) % 256).astype(np.uint8).reshape(19, 27))
    yield "rgb.png", saved(small, "PNG")
    rgba = small.copy()
    rgba.putalpha(alpha)
    yield "rgba.png", saved(rgba, "PNG")
    grey_alpha = small.convert("L")
    grey_alpha.putalpha(alpha)
    yield "grey_alpha.png", saved(grey_alpha, "PNG")
    yield "grey.png", saved(small.convert("L"), "PNG")
    yield "black_white.png", saved(small.convert("1"), "PNG")
    for colors, bits in ((2, 1), (4, 2), (16, 4), (200, 8)):
        yield f"palette_{bits}.png", saved(small.quantize(colors), "PNG", bits=bits)
    yield "palette_transparent.png", saved(small.quantize(16), "PNG", transparency=bytes(range(0, 256, 16)))
    yield "rgb_transparent.png", saved(small, "PNG", transparency=(250, 20, 5))
    wide = (picture(19, 27, 3).astype(np.uint16) * 257 + 13)
    yield "grey_16.png", saved(Image.fromarray(wide[:, :, 0] // 200), "PNG")  # both sides of 255
    rng = np.random.default_rng(1)
    for name, color, channels in (("grey_alpha_16", 4, 2), ("rgb_16", 2, 3), ("rgba_16", 6, 4)):
        samples = rng.integers(0, 65536, (9, 13, channels)).astype(">u2")
        yield name + ".png", raw_png(13, 9, 16, color, b"".join(b"\0" + row.tobytes() for row in samples))
    for bits in (2, 4):
        yield f"grey_{bits}.png", raw_png(8 // bits * 3, 4, bits, 0, b"".join(b"\0" + rng.bytes(3) for _ in range(4)))
    pixels = picture(13, 10, 5)
    yield "interlaced.png", raw_png(10, 13, 8, 2, interlaced(pixels), interlace=1)
    yield "gamma.png", raw_png(10, 13, 8, 2, b"".join(b"\0" + row.tobytes() for row in pixels), png_chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "named_wrong.jpg", saved(small, "PNG")
    yield "short_palette.png", raw_png(4, 1, 8, 3, b"\0\0\1\2\3", png_chunk(b"PLTE", bytes(range(10, 16))))

    # Damaged in the middle: read by PIL all the same.
    jpeg = saved(rgb, "JPEG", restart_marker_rows=1)
    yield "damaged.jpg", jpeg[: len(jpeg) * 3 // 4] + b"\x55" + jpeg[len(jpeg) * 3 // 4 + 1:]

    jpeg, png = saved(rgb, "JPEG"), saved(small, "PNG")
    yield "bad_cut.jpg", jpeg[: len(jpeg) * 2 // 3]
    yield "no_end_mark.jpg", jpeg[:-2]
    yield "bad_header_only.jpg", jpeg[:20]
    yield "bad_cut.png", png[: len(png) // 2]
    yield "bad_checksum.png", png[:20] + bytes([png[20] ^ 1]) + png[21:]
    yield "bad_huge.png", raw_png(60000, 60000, 8, 2, b"\0" * 1000)
    yield "bad_empty.jpg", b""
    yield "bad_text.png", b"this is no image\n"
    size = jpeg.index(b"\xff\xc0") + 5
    yield "bad_huge.jpg", jpeg[:size] + struct.pack(">HH", 65000, 65000) + jpeg[size + 4:]


def main():
    (HERE / "expected").mkdir(parents=True, exist_ok=True)
    for old in (*HERE.glob("*.*"), *(HERE / "expected").glob("*.npy")):
        old.unlink()
    for name, data in images():
        (HERE / name).write_bytes(data)
        try:
            upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
            rgb, grey = upright.convert("RGB"), upright.convert("L")
        except Exception as refused:
            assert name.startswith("bad_"), (name, refused)
            continue
        assert not name.startswith("bad_"), name
        np.save(HERE / "expected" / f"{name}.npy", np.asarray(rgb))
        np.save(HERE / "expected" / f"{name}.grey.npy", np.asarray(grey))
        if name in ("rgb_444.jpg", "grey.png", "tall.jpg"):
            for filter_name, filter_ in FILTERS.items():
                for height, width in ((16, 16), (64, 80), (rgb.size[1], 11), (23, rgb.size[0])):
                    resized = rgb.resize((width, height), filter_)
                    np.save(HERE / "expected" / f"{name}.{filter_name}-{height}x{width}.npy", np.asarray(resized))


if __name__ == "__main__":
    main()
