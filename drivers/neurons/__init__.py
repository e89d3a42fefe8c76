"""Single neurons, and transfer functions that are fitted to them."""
