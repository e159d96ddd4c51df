"""Tradeline: from what a small enterprise trades to a credit decision that can be defended."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradeline.creditfile.features.api import features

__all__ = ["__version__", "features"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # Imported when first used, so that a command's --help stays quick.
    if name == "features":
        from tradeline.creditfile.features.api import features

        return features
    raise AttributeError(f"module 'tradeline' has no attribute {name!r}")
