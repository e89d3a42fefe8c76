"""The model that studies are made of."""

import pytest
from special_models import DRIVEN


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A small model with inputs, delays and noise, in a file, which a study takes its text from."""
    path = tmp_path_factory.mktemp("model") / "driven.xml"
    path.write_text(DRIVEN)
    return path
