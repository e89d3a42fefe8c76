"""The generator: a `Model` and an integration scheme in, source text for each target out."""
