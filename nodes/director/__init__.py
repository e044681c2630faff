"""The director: what each exchange is for, decided before it is played. See `docs/director.md`."""
