"""Tables and labels from files: one reader for every input, in bounded time and memory."""
