"""Lane blocks on a device, whatever drives it."""
