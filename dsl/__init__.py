"""The model language: XML in, a checked and immutable `Model` of SymPy expressions out."""
