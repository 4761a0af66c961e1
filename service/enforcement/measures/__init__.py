"""One file for each kind of measure: what it denies, and how the host does and undoes it."""
