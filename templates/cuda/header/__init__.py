"""Parts of the header that CUDA source includes, an idea a file."""
