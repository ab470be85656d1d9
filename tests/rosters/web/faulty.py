"""The shape of a table of faults: what goes wrong at a source, and how `lcm sync` must refuse it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.rosters.syncing import check_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.rosters.setting import Setting
    from tests.rosters.syncing import Desk
    from tests.rosters.web.loopback import Fault as NetworkFault


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, and how it is told.

    `fault` stands in the network, `change` in the source's data, `roster` in lcm.yaml, `secret` in the environment
    (None: nothing there); `where` is the place that the message must name, `waits` the pauses of one run.
    """

    name: str
    says: str
    code: int = 5
    fault: NetworkFault | None = None
    change: Callable[[Any], Any] | None = None
    roster: dict[str, Any] = field(default_factory=dict)
    secret: str | None = "right"
    where: str = "http://127.0.0.1"
    waits: int = 0


def check_fault(fault: Fault, desk: Desk, source: Setting, naps: list[float]) -> None:
    """Set the fault up, sync, and look at the refusal: no secret is in it, and it waited as often as it should."""
    source.server.fault = fault.fault
    if fault.change:
        fault.change(source.data)
    if fault.secret == "right":
        desk.environment.update(source.environment)
    elif fault.secret is not None:
        desk.environment.update(dict.fromkeys(source.environment, fault.secret))
    desk.write(source.roster | fault.roster)
    message = check_refusal(desk, fault.says, fault.code, where=fault.where)
    assert not [secret for secret in source.environment.values() if secret in message]
    assert len(naps) == 2 * fault.waits
