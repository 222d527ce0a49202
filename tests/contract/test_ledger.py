"""Both ledgers pass the one suite."""

from tests.contract.definitions_suite import *  # noqa: F403
from tests.contract.ledger_suite import *  # noqa: F403
from tests.contract.posting_suite import *  # noqa: F403
