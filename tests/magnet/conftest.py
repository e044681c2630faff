from tests.magnet.commands import magnet

__all__ = ["magnet"]
