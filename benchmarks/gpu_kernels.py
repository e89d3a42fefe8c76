"""Resources that all shipped models' kernels need of a GPU. Takes NVRTC and minutes, but no GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from report import check_folder, markdown_table, publish
from rich.console import Console
from rich.progress import track

import rateloom
from rateloom.api.generation import code_for
from rateloom.api.loading import shipped_models
from rateloom.drivers.backends.cuda.kernel_table import CompiledKernel, compiled_kernels
from rateloom.drivers.backends.cuda.nvrtc import nvrtc_version

HEADINGS = (
    "kernel", "arch", "registers", "spilled, bytes", "shared, bytes", "warps", "occupancy", "thread block",
)  # fmt: skip


def main(
    models: Annotated[str, typer.Option(help="Models, separated by commas; all by default.")] = "",
    archs: Annotated[str, typer.Option(help="Architectures, separated by commas.")] = "sm_80,sm_90",
    out: Annotated[Path | None, typer.Option(help="Folder of benchmarks.md and .json to update.")] = None,
) -> None:
    """Compile every integrator that shares a kernel, of every model, in the thread blocks that suit it.

    Example: python benchmarks/gpu_kernels.py --out docs
    """
    console = Console(width=150)
    try:
        check_folder(out)
        names = models.split(",") if models else sorted(shipped_models())
        codes = {name: code_for(rateloom.load(name), "cuda") for name in names}
        rows = [
            row(kernel)
            for name in track(names, "compiling", console=console, disable=not console.is_terminal)
            for arch in archs.split(",")
            for kernel in compiled_kernels(codes[name], arch, "float32")[0]
            if kernel.report.name.endswith(tuple(codes[name].schemes))
        ]
    except ValueError as problem:
        Console(stderr=True).print(f"error: {problem}", markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    text = markdown_table(HEADINGS, rows)
    console.print(text, markup=False)
    if out:
        compiler = "NVRTC {}.{}".format(*(nvrtc_version() or ("?", "?")))
        title = f"### Kernels\n\nSingle precision, noise, delays, {compiler}; warps of a multiprocessor.\n"
        publish(out, "gpu-kernels", f"{title}\n{text}", {"compiler": compiler, "kernels": rows})


def row(kernel: CompiledKernel) -> list[str]:
    """One kernel's figures as text."""
    report, held, shape = kernel.report, kernel.occupancy, kernel.shape
    figures = (report.registers, report.spill_stores + report.spill_loads, report.shared, held.warps)
    return [
        report.name, kernel.arch, *(str(figure) for figure in figures), f"{held.share:.0%}",
        f"{shape.lanes} x {shape.groups}",
    ]  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
