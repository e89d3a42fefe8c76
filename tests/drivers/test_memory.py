import pytest

from rateloom.drivers import memory
from rateloom.drivers.errors import InputError


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("4GB", 4_000_000_000),
        ("4g", 4_000_000_000),
        ("500 MB", 500_000_000),
        ("1.5GiB", 1_610_612_736),
        (".5k", 500),
        ("123", 123),
        ("7 B", 7),
        ("2TiB", 2 * 2**40),
    ],
)
def test_amounts(text, amount):
    assert memory.parse_memory(text) == amount


@pytest.mark.parametrize(
    "text", ["", "GB", "-1GB", "4GB!", "4 GBs", "1e3", "nan", "inf", "0", "0.1B", "4,5GB"]
)
def test_bad_amounts(text):
    with pytest.raises(InputError, match="write it like 4GB, 500MB or"):
        memory.parse_memory(text)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.00 kB"),
        (12_345_678, "12.3 MB"),
        (999_600_000, "1.00 GB"),
        (123_456_789_012, "123 GB"),
        (5e15, "5000 TB"),
    ],
)
def test_printed_amounts(amount, text):
    assert memory.format_bytes(amount) == text
