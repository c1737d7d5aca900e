"""Industries by GB/T 4754-2017."""
