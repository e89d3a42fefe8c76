"""The generator's version: it changes with anything that changes generated text."""

VERSION = "0.1.0"
