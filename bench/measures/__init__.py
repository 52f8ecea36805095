"""One module for each thing that is measured; `bench/registry.py` lists them."""
