"""Hits, an open loop, herds and misses: what viewers ask of each server in turn."""
import loading
from measuring.servers import CannotMeasure
from origin import ORIGIN_PORT
from peers import SIZES

HERD_PORT = 18072
CONNECTIONS = 16
# Of so many that next to none comes twice; the tool takes no more.
KEYS = 100_000_000


def warm(server, path, cores=None):
    """Asks until the object is stored in the memory of each worker, and tells the speed."""
    loading.hit(server, path, 3, connections=4, requests=40)
    return loading.hit(server, path, 0.2, CONNECTIONS, cores)["answers_per_second"]


def measured_hit(run, server, size, seconds, cores=None):
    """A closed loop of hits, its CPU time, and the proof that the origin saw none of them.

    It is bounded by a number that takes about so long: at the end of a bound in time answers would
    be under way that cost CPU time and count for nothing.
    """
    path = f"/{size}/object"
    count = max(2 * CONNECTIONS, int(warm(server, path, cores) * seconds))
    asked, spent = run.origin.requests(), server.cpu()
    answer = loading.hit(server, path, 5 * seconds + 5, CONNECTIONS, cores, requests=count)
    spent = server.cpu() - spent
    missed = run.origin.requests() - asked
    if missed > 0.02 * count:
        raise CannotMeasure(f"{missed} of {answer['answers']} were no hits: the origin saw them")
    return answer, spent, missed


def hits(run, sizes, workers):
    """CPU and throughput of hits by size; the sizes of one server follow on one another."""
    names = {size: f"hit-{size}" + ("-2cores" if workers == 2 else "") for size in sizes}
    cores = loading.both_cores() if workers == 2 else None

    def measure(server):
        if server.hits_from_disk:
            for size in sizes:
                loading.hit(server, f"/{size}/object", 3, connections=4, requests=40)
            server.settle(len(sizes))
        for size, test in names.items():
            with run.attempt(test, server.name):
                answer, spent, missed = measured_hit(
                    run, server, size, run.plan.hit_seconds, cores)
                if missed:
                    run.ledger.note(test, server.name, "some of its hits were none: up to 2 %")
                run.ledger.add(test, server.name, cpu_us_per_hit=spent / answer["answers"] * 1e6)
                if workers == 1:
                    run.ledger.add(test, server.name,
                                   requests_per_second=answer["answers_per_second"])
                    # Below 1 the client was the slower one, and so is the throughput its own.
                    run.ledger.also(test, server.name,
                                    server_busy=round(spent / answer["duration_s"], 2))

    rounds = run.plan.hit_rounds if workers == 1 else run.plan.two_core_rounds
    run.in_turn(list(names.values()), rounds, ORIGIN_PORT, measure, workers=workers, hits=True)


def lowest_peak(run):
    """Requests a second of the slowest peer, from the row of hits or from a short run."""
    if "hit-1k" not in run.ledger.tests:
        run.ledger.say("open-loop-1k: no row hit-1k in this run: a short one finds the peaks")

        def measure(server):
            answer, *_ = measured_hit(run, server, "1k", 1)
            run.peaks[server.name] = answer["answers_per_second"]

        run.in_turn(["open-loop-1k"], 1, ORIGIN_PORT, measure)
    else:
        run.peaks = {kind.name: run.ledger.median("hit-1k", kind.name, "requests_per_second")
                     for kind in run.kinds}
    found = [peak for name, peak in run.peaks.items() if peak and name != "spillway"]
    found = found or [peak for peak in run.peaks.values() if peak]
    if not found:
        raise CannotMeasure("no server has a peak of hits of 1 KiB")
    return min(found)


def open_loop(run):
    """Latency at 70 % of the peak of the slowest peer: the same rate for all."""
    rate = int(0.7 * lowest_peak(run))

    def measure(server):
        path = "/1k/object"
        warm(server, path)
        answer = loading.hit(server, path, run.plan.open_seconds, 4 * CONNECTIONS, rate=rate)
        if answer["failed_unsent"] > 0.01 * rate * run.plan.open_seconds:
            raise CannotMeasure(f"{answer['failed_unsent']} requests found no free connection")
        run.ledger.add("open-loop-1k", server.name,
                       **{f"latency_{name}_ms": answer[f"latency_{name}_ms"]
                          for name in ("p50", "p99", "p999")})
        run.ledger.also("open-loop-1k", server.name, rate=rate)

    run.in_turn(["open-loop-1k"], run.plan.open_rounds, ORIGIN_PORT, measure)


# The common Fill is short, so the viewers of its herd come within it. Seconds: run and answers.
HERDS = {
    "herd-2s": ("2s", "1500ms", 3.5),
    "herd-50ms": ("50ms", "40ms", 1),
}


def one_herd(server, test):
    span, spread, seconds = HERDS[test]
    found = loading.run(
        ["herd", f"http://127.0.0.1:{server.port}/herd/", "--origin", f"127.0.0.1:{HERD_PORT}",
         "--followers", 300, "--span", span, "--spread", spread, "--bytes", 1 << 20,
         "--pieces", 40], seconds)
    wrong = loading.failures(found)
    if wrong or found["answers"] < 301:
        raise CannotMeasure(f"{found['answers']} of 301 viewers had the object: {wrong}")
    if not found["origin_requests"]:
        raise CannotMeasure("the object was stored before: no herd")
    return found


def herds(run, tests):
    """300 viewers of one object that is being fetched, on a Fill of 2 s and on one of 50 ms."""

    def measure(server):
        for test in tests:
            # The short ones are cheap, and one alone says little.
            for _ in range(1 if test == "herd-2s" else 3):
                with run.attempt(test, server.name):
                    found = one_herd(server, test)
                    figures = {
                        "ttfb_p99_ms": found.get("ttfb_p99_ms", found.get("first_byte_p99_ms")),
                        "origin_requests": found["origin_requests"]}
                    run.ledger.add(test, server.name, **figures)
                    if test == "herd-2s":
                        run.ledger.add("herd", server.name, **figures)

    names = tests + (["herd"] if "herd-2s" in tests else [])
    run.in_turn(names, run.plan.herd_rounds, HERD_PORT, measure)


def misses(run):
    """Objects of 64 KiB that nobody asked for before, from an origin on the client's core."""

    def measure(server):
        speed = loading.hit(server, "/64k/warm{n}", 0.3, CONNECTIONS, keys=KEYS)
        count = max(100, int(speed["answers_per_second"] * run.plan.miss_seconds))
        asked, spent = run.origin.requests(), server.cpu()
        answer = loading.hit(server, "/64k/{n}", 5 * run.plan.miss_seconds + 5, CONNECTIONS,
                             keys=KEYS, requests=count)
        spent = server.cpu() - spent
        asked = run.origin.requests() - asked
        if asked < 0.98 * answer["answers"]:
            raise CannotMeasure(f"only {asked} of {answer['answers']} were misses")
        run.ledger.add("miss-64k", server.name, requests_per_second=answer["answers_per_second"],
                       cpu_us_per_miss=spent / answer["answers"] * 1e6)
        run.ledger.also("miss-64k", server.name,
                        server_busy=round(spent / answer["duration_s"], 2))

    run.in_turn(["miss-64k"], run.plan.miss_rounds, ORIGIN_PORT, measure)


HIT_TESTS = [f"hit-{size}" for size in SIZES]
