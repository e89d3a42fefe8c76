"""Who is connected to whom: connectomes, their files, and their edges as kernels visit them."""
