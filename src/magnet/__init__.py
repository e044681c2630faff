"""The application: settings, model endpoints, the runner, and the `magnet` command."""
