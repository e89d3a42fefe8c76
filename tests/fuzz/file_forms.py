"""The forms of files that rateloom reads, each with an example and what reads it."""

from __future__ import annotations

import bz2
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.io
from calls import SETTINGS
from mutations import Files, read_files
from small_connectomes import middling
from special_models import DRIVEN

import rateloom
from rateloom.api.machines import load_machine
from rateloom.api.opening import opened
from rateloom.drivers.model.artifact import read_code
from rateloom.drivers.neurons.neuron import load_neuron
from rateloom.drivers.results.result_files import open_result
from rateloom.drivers.search.free_text import read_groups
from rateloom.drivers.search.trials import read_search
from rateloom.drivers.studies.plan_file import read_plan
from rateloom.drivers.studies.query import rows_of
from rateloom.drivers.support.stores import open_store, reading_store
from rateloom.drivers.tables.columns import read_columns
from rateloom.drivers.tables.labels import read_labels
from rateloom.drivers.tables.timed_text import read_timed_text
from rateloom.drivers.tables.values import read_values
from rateloom.dsl.load import load_model
from rateloom.dsl.model import Model

MATRIX = np.corrcoef(np.random.default_rng(0).normal(size=(6, 40)))


@dataclass(frozen=True)
class Form:
    """A form of files.

    Attributes
    ----------
    files : callable
        Gives the contents of an example by their names; it is handed the fixture `made`.
    read : callable
        Reads the file of the first name, or the folder if there are several.
    single : bool
        Whether it is one file.
    many : int
        The number of mutations; fewer where others are mutations of the parts.
    """

    files: Callable[[Path], Files]
    read: Callable[[Path], Any]
    single: bool = True
    many: int = 2000


def _npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def _npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _mat(compressed: bool) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, {"fc": MATRIX, "other": np.arange(4)}, do_compression=compressed)
    return stream.getvalue()


def _text(array: Any) -> bytes:
    stream = io.BytesIO()
    np.savetxt(stream, array)
    return stream.getvalue()


_CENTRES = b"".join(b"node_%d 1.5 2.5 %d\n" % (k, k) for k in range(6))


def _parts() -> Files:
    conn = middling()
    return {
        "weights.txt": _text(conn.weights),
        "tract_lengths.txt": _text(conn.tract_lengths),
        "centres.txt": _CENTRES,
    }


def _zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _parts().items():
            archive.writestr(f"{name}.bz2", bz2.compress(content))
    return stream.getvalue()


_DIALECT0 = b"""<Lems><ComponentType name="derivatives">
  <Parameter name="k" dimension="0.1, 2"/> <Constant name="a" value="0.5"/> <Exposure name="x" dimension=""/>
  <Dynamics> <StateVariable name="x" dimension="0, 1" exposure="-2, 2"/>
    <DerivedVariable name="c" value="{x^2}"/> <TimeDerivative variable="dx" value="-a*c + c_pop"/> </Dynamics>
</ComponentType>
<ComponentType name="coupling_one"> <Parameter name="x_j" dimension="x"/>
  <DerivedParameter name="c_pop" value="0.1"/> <Dynamics> <DerivedVariable name="pre" value="x_j"/>
  <DerivedVariable name="post" value="1"/> </Dynamics> </ComponentType>
<ComponentType name="noise"/> </Lems>"""


def _machine() -> bytes:
    rates = {"multiply_add": 1e10, "division": 1e9, "root": 1e9}
    threads = {"one": rates, "all": rates}
    level = {"name": "memory", "size": 0, "shared": True, "bandwidth": {"one": 1e10, "all": 2e10}}
    about = {"processor": "p", "compiler": "c", "date": "d", "cores": 2}
    return json.dumps(about | {"rates": {"float32": threads, "float64": threads}, "levels": [level]}).encode()


def _targets(selector: str) -> Callable[[Path], Any]:
    return lambda path: rateloom.targets(f"data={path}{selector}")


def _load_uncached(path: Path) -> Any:
    return rateloom.load(path)


def _study_plan(path: Path) -> None:
    read_plan(path)


def _study_tables(path: Path) -> None:
    rows_of(path, "SELECT * FROM work_items")
    rows_of(path, "SELECT * FROM regions")


def _arrays(path: Path) -> None:
    dataset = open_store(path)
    with reading_store(path):
        dataset.isel({name: 0 for name in ("G",) if name in dataset.dims}).load(scheduler="synchronous")


def _study(path: Path) -> None:
    read_plan(path)
    rows_of(path, "SELECT * FROM work_items")
    source = opened(path)
    for name in source.results.measures:
        source.results.read(name, {})


def _store(path: Path) -> None:
    source = opened(path)
    assert source.series is not None
    source.series([0])


def _parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"G": [0.1, 0.2, 0.3], "k": [1, 2, 3]}).to_parquet(stream, index=False)
    return stream.getvalue()


def _timed(path: Path) -> None:
    read_timed_text(str(path))


def _columns(path: Path) -> None:
    read_columns(str(path))


def _netcdf(path: Path) -> None:
    with reading_store(path):
        open_result(path).load()


@cache
def _driven() -> Model:
    return load_model("driven.xml", DRIVEN)


def _gone_on_with(path: Path) -> None:
    """Go on from a kept state, whose numbers may be any and so may diverge."""
    how = {**SETTINGS, "duration": 1.0, "dt": 0.05, "period": 0.1}
    rateloom.simulate(_driven(), continue_from=path, **how)


def _in(folder: str, *names: str) -> Callable[[Path], Files]:
    """Return what gives the files of a folder, or some of them."""
    return lambda made: {
        name: content for name, content in read_files(made / folder).items() if not names or name in names
    }


def _kept(made: Path) -> Files:
    return {"kept.nc": (made / "kept.nc").read_bytes()}


def _only(name: str, content: Callable[[], bytes]) -> Callable[[Path], Files]:
    return lambda made: {name: content()}


def _neuron() -> bytes:
    return (resources.files("rateloom.models") / "adex_rs.toml").read_bytes()


ITEMS = b"G,k\n0.1,1\n0.2,2\n0.3,3\n"
TIMED = b"time,a,b,c\n0,0.1,0.2,0.3\n5,0.2,0.3,0.4\n10,0.3,0.1,0.5\n"
FORMS: dict[str, Form] = {
    "npy": Form(_only("v.npy", lambda: _npy(MATRIX)), read_values),
    "text": Form(_only("v.txt", lambda: _text(MATRIX)), read_values),
    "npy_of_targets": Form(_only("v.npy", lambda: _npy(MATRIX)), _targets("")),
    "csv": Form(_only("v.csv", lambda: _text(MATRIX).replace(b" ", b",")), _targets("")),
    "npz": Form(_only("v.npz", lambda: _npz(fc=MATRIX, other=np.arange(3))), _targets(":fc")),
    "mat": Form(_only("v.mat", lambda: _mat(False)), _targets(":fc")),
    "compressed_mat": Form(_only("v.mat", lambda: _mat(True)), _targets(":fc")),
    "parquet": Form(_only("v.parquet", _parquet), read_values),
    "parquet_items": Form(_only("v.parquet", _parquet), _columns),
    "items": Form(_only("v.csv", lambda: ITEMS), _columns),
    "times": Form(_only("v.csv", lambda: TIMED), _timed),
    "column": Form(_only("v.csv", lambda: ITEMS), lambda path: read_values(f"{path}:k")),
    "netcdf": Form(_kept, _netcdf, many=1500),  # xarray takes 10 ms for each
    "kept": Form(_kept, _gone_on_with, many=300),  # and a run that goes on takes 50
    "names": Form(_only("v.txt", lambda: _CENTRES), read_labels),
    "groups": Form(_only("v.csv", lambda: b"a,left\nb,right\n"), lambda p: read_groups(str(p), ("a", "b"))),
    "connectome_zip": Form(_only("c.zip", _zip), rateloom.connectome),
    "connectome_npz": Form(
        _only(
            "c.npz",
            lambda: _npz(
                weights=MATRIX,
                tract_lengths=middling().tract_lengths,
                labels=np.array(list("abcdef")),
            ),
        ),
        rateloom.connectome,
    ),
    "connectome_folder": Form(lambda made: _parts(), rateloom.connectome, single=False),
    "model": Form(_only("m.xml", DRIVEN.encode), _load_uncached),
    "dialect0": Form(_only("m.xml", lambda: _DIALECT0), _load_uncached),
    "machine": Form(_only("m.json", _machine), load_machine),
    "neuron": Form(_only("n.toml", _neuron), load_neuron),
    "code": Form(_in("code"), lambda path: read_code(path / "driven.json"), single=False),
    "plan": Form(_in("study", "plan.json", "given.npz"), _study_plan, single=False),
    "tables": Form(_in("study", "measures.sqlite"), _study_tables, single=False),
    "arrays": Form(_in("study/measures.zarr"), _arrays, single=False, many=500),
    "study": Form(_in("study"), _study, single=False, many=100),
    "series": Form(_in("store.zarr"), _arrays, single=False, many=1400),
    "store": Form(_in("store.zarr"), _store, single=False, many=100),
    "search": Form(_in("search"), read_search, single=False),
}
