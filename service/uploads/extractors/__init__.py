"""One file for each family of formats that can be read; `formats.py` collects them."""
