"""A live event: paced players of one channel, an origin that is 30 ms away."""
import loading
from measuring.servers import CannotMeasure

EVENT_PORT = 18073


def live_event(run):
    """What `spillway load viewers` measures, and the server's CPU time beside it."""
    plan = run.plan

    def measure(server):
        spent = server.cpu()
        found = loading.run(
            ["viewers", f"http://127.0.0.1:{server.port}/hls/fmp4/main.m3u8",
             "--origin", f"127.0.0.1:{EVENT_PORT}", "--origin-delay", "30ms", "--renditions", 6,
             "--players", plan.players, "--duration", f"{plan.event_seconds}s",
             "--join", f"{plan.join_seconds}s", "--churn", 1, "--pace", "--rendition", "spread"],
            plan.event_seconds + plan.join_seconds)
        spent = server.cpu() - spent
        if not found.get("body_bytes"):
            raise CannotMeasure("no player had a byte")
        run.ledger.add(
            "live-event", server.name, cpu_s_per_gbit=spent / (found["body_bytes"] * 8 / 1e9),
            **{metric: found.get(metric) for metric in (
                "fresh_first_byte_p99_ms", "playlist_age_p99_ms",
                "origin_requests_per_publication", "rebuffering_percent")})
        run.ledger.also("live-event", server.name, players=plan.players,
                        server_busy=round(spent / found["duration_s"], 2),
                        client_busy=round(found["cpu_s"] / found["duration_s"], 2),
                        stalls=found["stalls"])
        wrong = {name: count for name, count in found.items()
                 if name.startswith(("failed_", "violations_")) and count}
        if wrong:
            run.ledger.note("live-event", server.name, ", ".join(
                f"{name} {count}" for name, count in wrong.items()))

    run.in_turn(["live-event"], plan.event_rounds, EVENT_PORT, measure)
