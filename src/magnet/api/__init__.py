"""The public Python API. Import its names from `magnet`, which loads them when they are used."""
