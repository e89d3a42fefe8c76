"""The command fit compares BOLD signals with data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import rateloom
from rateloom.cli import main


def test_the_command_line_fits_bold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("fc.npy", np.corrcoef(np.random.default_rng(1).normal(size=(5, 40))))
    common = ["montbrio", "--sweep", "G=0,0.1", "--connectome", "synthetic:5", "--duration", "400"]
    bold = [*common, "--monitor", "bold", "--tr", "40ms", "--warm-up", "80", "--bold-set", "efficacy=0.5"]
    assert main(["fit", *bold, "--fc", "rest=fc.npy", "--out", "f", "--series-out", "best.zarr"]) == 0
    assert "; volumes: 8, of 100 samples" in capfd.readouterr().out
    assert xr.open_zarr("best.zarr")["BOLD"].shape == (2, 8, 5)
    assert rateloom.fit("f").best["exposure"].eq("BOLD").all()
    assert main(["fit", *common, "--tr", "40ms", "--fc", "fc.npy", "--warm-up", "9", "--out", "g"]) == 1
    assert "--warm-up: no BOLD signals are made; ask for them with --monitor bold" in capfd.readouterr().err
