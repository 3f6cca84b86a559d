"""How often and how long each test runs. The sums are in README.md of this folder."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Plan:
    hit_rounds: int
    two_core_rounds: int
    hit_seconds: float
    open_rounds: int
    open_seconds: float
    herd_rounds: int
    miss_rounds: int
    miss_seconds: float
    idle_rounds: int
    # Two descriptors each in a proxy: below the 20 000 that some machines allow.
    connections: int
    memory_objects: int
    disk_objects: int
    restarts: int
    event_rounds: int
    players: int
    event_seconds: int
    join_seconds: int
    # After this no round is begun: the run must end unattended in 40 minutes, or in 12.
    limit_seconds: int


FULL = Plan(
    hit_rounds=5, two_core_rounds=3, hit_seconds=1.5, open_rounds=3, open_seconds=5, herd_rounds=3,
    miss_rounds=3, miss_seconds=3, idle_rounds=2, connections=8_000, memory_objects=100_000,
    disk_objects=100_000, restarts=3, event_rounds=2, players=3_000, event_seconds=40,
    join_seconds=10, limit_seconds=38 * 60)

QUICK = Plan(
    hit_rounds=3, two_core_rounds=2, hit_seconds=0.5, open_rounds=2, open_seconds=2, herd_rounds=1,
    miss_rounds=2, miss_seconds=1, idle_rounds=1, connections=4_000, memory_objects=20_000,
    disk_objects=20_000, restarts=2, event_rounds=1, players=3_000, event_seconds=15,
    join_seconds=5, limit_seconds=11 * 60)
