"""Writes tests/npy/data with NumPy: python3 tests/npy/make_data.py

Every array is arange(6) - 2 (as its dtype), shaped (2, 3), so the test needs no table of values.
"""
import pathlib

import numpy as np
from numpy.lib import format as npy

out = pathlib.Path(__file__).parent / "data"
out.mkdir(exist_ok=True)
base = (np.arange(6) - 2).reshape(2, 3)
for code in ["b1", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "c8", "c16"]:
    array = base.astype(code)
    np.save(out / f"{code}.npy", array)
    np.save(out / f"{code}_fortran.npy", np.asfortranarray(array))
    if array.itemsize > 1:
        np.save(out / f"{code}_big.npy", array.astype(array.dtype.newbyteorder(">")))
for version in [(2, 0), (3, 0)]:
    with open(out / f"f4_v{version[0]}.npy", "wb") as f:
        npy.write_array(f, base.astype("f4"), version=version)
np.save(out / "scalar.npy", np.float32(1.5))
np.save(out / "one.npy", np.arange(5, dtype="i8"))
np.save(out / "empty.npy", np.zeros((0, 3), dtype="f4"))
