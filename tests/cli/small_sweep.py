"""A sweep of six work items over six nodes, as options of the command and as keywords."""

HOW = {"connectome": "synthetic:6", "duration": 20.0, "dt": 0.5, "seed": 3, "dtype": "float64"}
OPTIONS = [part for name, value in HOW.items() for part in (f"--{name}", str(value))]
SWEEP = ["sweep", "linear", *OPTIONS, "--sweep", "G=0:0.1:3", "--sweep", "speed=2,4"]
AXES = {"G": [0.0, 0.05, 0.1], "speed": [2.0, 4.0]}
