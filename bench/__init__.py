"""The benchmarks of `./run bench`: our figures beside those of a plain way to do the same."""
