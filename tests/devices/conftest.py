from tests.tasks.conftest import trade

__all__ = ["trade"]
