"""The intermediate form: expressions, statements, loops and signatures."""
