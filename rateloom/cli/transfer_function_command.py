"""The command fit-transfer-function: from a neuron's parameters to the coefficients of its mean field."""

from __future__ import annotations

import importlib.resources
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rateloom.drivers.support.destinations import check_folder, check_picture_place
from rateloom.drivers.support.errors import InputError
from rateloom.drivers.support.files import write_whole
from rateloom.drivers.terminal.option import REQUIRED, Command, CommandLine, Option
from rateloom.drivers.terminal.options import named
from rateloom.drivers.terminal.output_files import check_unused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rateloom.drivers.neurons.neuron import Neuron
    from rateloom.drivers.neurons.neuron_kernel import Recording
    from rateloom.drivers.neurons.transfer_fit import PotentialMoments, TransferFit

    _Floats = NDArray[np.float64]

_MOST_NEURONS = 2**22
_RATES = "0.5:20:20 (20 rates from 0.5 to 20), 1,2,4 or log:0.1:20:20"


def fit_transfer_function(options: CommandLine) -> None:
    """Simulate a neuron over a grid of input rates and fit its transfer function's ten coefficients.

    \b
    Example:
      rateloom fit-transfer-function adex_rs --nu-e 0.5:15:20 --nu-i 0:30:12
    """
    from rateloom.drivers.neurons.neuron import load_neuron

    cell = load_neuron(_neuron_file(options["neuron"]))
    axes = _rates("--nu-e", options["nu_e"], above_zero=True), _rates("--nu-i", options["nu_i"])
    _check_options(axes[0].size * axes[1].size, options)
    compared_coefficients = _coefficients_of(options["compare"]) if options["compare"] else None
    table, picture = _targets(cell.name, options["out"], options["plot"], options["overwrite"])
    # what takes long to import, only once all is in order
    from rateloom.drivers.neurons.transfer_fit import fit_transfer_function as fit_points
    from rateloom.drivers.neurons.transfer_fit import moments

    rates, recording = _recorded(cell, axes, options)
    potential_moments = moments(cell, *rates, recording.adaptation.mean(axis=1))
    measured = recording.rate.mean(axis=1)
    fit = fit_points(potential_moments, measured, 1e-3 * options["max_rate"])

    snippet = _snippet(options["parameter"], fit.coefficients)
    record = {"neuron": vars(cell), "settings": _settings(options), "xml": snippet} | _quality(recording, fit)
    points = {"nu_e_Hz": 1e3 * rates[0], "nu_i_Hz": 1e3 * rates[1]} | _point_columns(recording, fit)
    write_whole(table, json.dumps(record | {k: v.tolist() for k, v in points.items()}, indent=1) + "\n")
    quality = f"RMS error {1e3 * fit.rms:.3g} Hz, R\N{SUPERSCRIPT TWO} = {fit.r_squared:.5f}"
    _draw(picture, f"{cell.name}: transfer function", quality, axes, measured, fit)
    print(f"{quality}, at {fit.fitted.sum()} of {measured.size} points up to {options['max_rate']:g} Hz")
    print(f"RMS error of the fit on the threshold alone: {1e3 * fit.threshold_rms:.3g} Hz")
    if options["repetitions"] > 1:
        print(f"standard error of the simulated rates: {record['standard_error_Hz']:.3g} Hz (RMS)")
    if compared_coefficients is not None:
        print(_comparison(options["compare"], compared_coefficients, potential_moments, measured, fit))
    print(f"\n{snippet}\n\nwrote {table}\nwrote {picture}")


def _recorded(
    cell: Neuron, axes: tuple[_Floats, _Floats], options: CommandLine
) -> tuple[tuple[_Floats, _Floats], Recording]:
    """Rates of both synapses at each grid point, kHz, and what was measured there."""
    import numpy as np

    from rateloom.drivers.neurons.neuron_kernel import Protocol, simulate_neurons
    from rateloom.drivers.support.progress import progress_bar

    mesh_e, mesh_i = np.meshgrid(*axes, indexing="ij")
    rates = 1e-3 * mesh_e.ravel(), 1e-3 * mesh_i.ravel()
    protocol = Protocol(
        **options.only("duration", "transient", "dt", "repetitions", "adaptation", "seed", "threads")
    )
    steps = (protocol.duration + protocol.transient) / protocol.dt if protocol.dt > 0 else 0.0
    with progress_bar(rates[0].size * protocol.repetitions * steps, cell.name, "neuron-steps") as advance:
        return rates, simulate_neurons(cell, *rates, protocol, advance)


def _draw(
    picture: Path,
    title: str,
    quality: str,
    axes: tuple[_Floats, _Floats],
    measured: _Floats,
    fit: TransferFit,
) -> None:
    """Draw measured and fitted rates over the grid, in Hz."""
    from rateloom.drivers.pictures.transfer_plot import plot_transfer

    shape = (axes[0].size, axes[1].size)
    rates = 1e3 * measured.reshape(shape), 1e3 * fit.rates.reshape(shape)
    plot_transfer(picture, title, quality, axes, *rates, fit.fitted.reshape(shape))


def _settings(options: CommandLine) -> dict[str, Any]:
    """Return the settings of the simulation for the file."""
    units = {"duration": "_ms", "transient": "_ms", "dt": "_ms", "adaptation": "_pA", "max_rate": "_Hz"}
    names = ("duration", "transient", "dt", "repetitions", "adaptation", "max_rate", "seed")
    return {f"{name}{units.get(name, '')}": options[name] for name in names}


def _check_options(n_point: int, options: CommandLine) -> None:
    """Raise InputError for an option that the simulation does not check itself."""
    repetitions, max_rate, parameter = (options[name] for name in ("repetitions", "max_rate", "parameter"))
    if repetitions < 1:
        raise InputError(f"--repetitions {repetitions}: it must be at least 1")
    if n_point * repetitions > _MOST_NEURONS:
        raise InputError(
            f"{n_point} grid points x {repetitions} repetitions are {n_point * repetitions} neurons; "
            f"at most {_MOST_NEURONS} are possible"
        )
    if not max_rate > 0:
        raise InputError(f"--max-rate {max_rate:g} Hz: it must be above zero")
    if not parameter.isidentifier():
        raise InputError(f"--parameter {parameter!r} is no name of a parameter")


def _quality(recording: Recording, fit: TransferFit) -> dict[str, Any]:
    """Return the quality of the fit for the file."""
    return {
        "coefficients_V": fit.coefficients.tolist(),
        "threshold_coefficients_V": fit.threshold_coefficients.tolist(),
        "points": fit.fitted.size,
        "points_fitted": int(fit.fitted.sum()),
        "points_on_threshold": int(fit.on_threshold.sum()),
        "rms_Hz": 1e3 * fit.rms,
        "threshold_rms_Hz": 1e3 * fit.threshold_rms,
        "r_squared": fit.r_squared,
        "standard_error_Hz": 1e3 * _standard_error(recording, fit),
    }


def _point_columns(recording: Recording, fit: TransferFit) -> dict[str, _Floats]:
    """Return the columns of the file: means over repetitions at each grid point, and the fit."""
    return {
        "rate_Hz": 1e3 * recording.rate.mean(axis=1),
        "fit_Hz": 1e3 * fit.rates,
        "adaptation_mean_pA": recording.adaptation.mean(axis=1),
        "potential_mean_mV": recording.potential.mean(axis=1),
        "potential_deviation_mV": recording.deviation.mean(axis=1),
    }


def _neuron_file(source: str) -> Path:
    """Path of a neuron's TOML file, by its shipped name or its path."""
    folder = Path(str(importlib.resources.files("rateloom.models")))
    shipped = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if source in shipped:
        return shipped[source]
    path = Path(source)
    if not path.exists() and not path.suffix and len(path.parts) == 1:
        raise InputError(
            f"no neuron named {source!r}; shipped are {', '.join(shipped)}, and one of your own is given by "
            "the path of its TOML file"
        )
    return path


def _rates(option: str, text: str, above_zero: bool = False) -> _Floats:
    """Rates in Hz from the text of an option."""
    from rateloom.drivers.planning.axis_text import parse_axis

    try:
        values = parse_axis(f"rates={text}").values
    except InputError:
        raise InputError(f"{option} {text!r}: write different rates in Hz like {_RATES}") from None
    if values.min() < 0 or (above_zero and values.min() == 0):
        bound = "above zero" if above_zero else "zero or more"
        raise InputError(f"{option} {text}: {values.min():g} Hz is among the rates, which must be {bound}")
    return values


def _coefficients_of(text: str) -> _Floats:
    """Ten coefficients that a model has as a parameter."""
    import numpy as np

    from rateloom.api.loading import load

    name, _, parameter = text.rpartition(":")
    if not name:
        raise InputError(f"--compare {text!r}: write it like zerlaut_first_order:P_e")
    model = load(name)
    vectors = {p.name: p.values for p in model.parameters if p.size == 10}
    if parameter not in vectors:
        available = f"it has {', '.join(vectors)}" if vectors else "it has none"
        raise InputError(f"--compare {text}: {model.name} has no such vector of 10 coefficients; {available}")
    return np.array(vectors[parameter])


def _comparison(
    text: str, coefficients: _Floats, potential_moments: PotentialMoments, measured: _Floats, fit: TransferFit
) -> str:
    """Say how far the rates of other coefficients are from those measured, at the fitted points."""
    import numpy as np

    from rateloom.drivers.neurons.transfer_fit import transfer_rate

    difference = 1e3 * (transfer_rate(potential_moments, coefficients) - measured)[fit.fitted]
    return (
        f"{text} at the same points: RMS error {np.sqrt(np.mean(difference**2)):.3g} Hz, "
        f"mean error {difference.mean():+.3g} Hz, largest {np.abs(difference).max():.3g} Hz"
    )


def _standard_error(recording: Recording, fit: TransferFit) -> float:
    """Root mean square of the standard errors of the fitted points' rates, kHz; 0 of a single repetition."""
    import numpy as np

    n = recording.rate.shape[1]
    if n == 1:
        return 0.0
    return float(np.sqrt(np.mean(recording.rate[fit.fitted].var(axis=1, ddof=1) / n)))


def _snippet(parameter: str, coefficients: _Floats) -> str:
    values = ", ".join(repr(float(value)) for value in coefficients)
    return f'<Parameter name="{parameter}" size="10" value="{values}"/>'


def _targets(name: str, out: Path | None, plot: Path | None, overwrite: bool) -> tuple[Path, Path]:
    """Files to write, refused before the work if they cannot be written."""
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name) or "neuron"
    table = out or Path(f"{safe}_transfer.json")
    if table.is_dir():
        raise InputError(f"--out {table} is a folder; give the name of a file")
    picture = plot or table.with_name(f"{table.name.removesuffix('.json')}.png")
    check_picture_place(picture)
    check_folder(table)
    if table == picture:
        raise InputError(f"--plot {picture} is also the name of the table; give another")
    check_unused((table, picture), overwrite)
    return table, picture


FIT_TRANSFER_FUNCTION = Command(
    "fit-transfer-function",
    (
        Option(
            "neuron", str, REQUIRED, "adex_rs, adex_fs or a TOML file of a neuron.", metavar="NEURON",
            argument=True,
        ),
        Option(
            "nu_e", str, "0.5:15:20", f"Rates of an excitatory synapse, Hz: {_RATES}.", metavar="RATES"
        ),
        Option(
            "nu_i", str, "0:30:12", "Rates of an inhibitory synapse, Hz, written likewise.",
            metavar="RATES",
        ),
        Option("duration", float, 5000.0, "Time measured, ms.", unit="ms"),
        Option("transient", float, 2000.0, "Time simulated before that, ms.", unit="ms"),
        *named("dt"),
        Option("repetitions", int, 4, "Independent neurons at each point."),
        Option(
            "adaptation", float, None,
            "Hold the adaptation current at this value, pA; it is free if left out.",
        ),
        Option(
            "max_rate", float, 50.0, "Leave points with a higher output rate out of the fit, Hz."
        ),
        Option("parameter", str, "P_e", "Name of the parameter to write."),
        Option(
            "compare", str, None, "Say how well a model's coefficients fit the same points.",
            metavar="MODEL:PARAMETER",
        ),
        Option("seed", int, 0, "Seed of the input events."),
        *named("threads"),
        Option(
            "out", Path, None,
            "JSON file to write, with its folder; named after the neuron if left out.",
        ),
        *named("plot", "overwrite"),
    ),
    fit_transfer_function,
)  # fmt: skip
