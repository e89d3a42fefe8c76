"""The generator's version, which is named in all that it writes."""

VERSION = "0.1.0"
