"""The local web page over the runner and the store. Nothing is here yet."""
