"""An example of each kind of plugin for MAGneT; see docs/plugins.md there."""
