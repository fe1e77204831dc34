"""How networks count and read text, and the normal forms in which texts are compared."""
