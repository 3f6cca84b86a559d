"""Memory of idle connections and of objects, and restarts over a full cache."""
import http.client
import pathlib
import subprocess
import threading
import time

from measuring.servers import CLIENT_CORE, ROOT, CannotMeasure, more_descriptors
from measuring.storing import drop_page_cache
from origin import ORIGIN_PORT
from processes import HOST

BENCHMARKS = ROOT / "Benchmarks"


def build_client(work):
    """The client of `make bench`: it asks for one number after the other, and can hold on."""
    tool = pathlib.Path(work) / "get"
    subprocess.run(["cc", "-O2", "-o", str(tool), str(BENCHMARKS / "Client" / "get.c")],
                   check=True)
    return tool


def get_command(run, server, path, connections, requests):
    head = run.work / "head"
    template = (BENCHMARKS / "heads" / "short").read_bytes()
    head.write_bytes(template.replace(b"{path}", path.encode()))
    return ["taskset", "-c", CLIENT_CORE, str(run.client), str(server.port), str(head), "1024",
            str(connections), str(requests)]


def ask_for_all(run, server, objects):
    command = get_command(run, server, "/1k/#########", 16, objects)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300,
                          preexec_fn=more_descriptors)
    if done.returncode:
        raise CannotMeasure(f"filling it: {done.stderr.strip()[-200:]}")


def fill(run, server, objects):
    """Stores so many objects of 1 KiB under numbers of nine digits."""
    asked = run.origin.requests()
    ask_for_all(run, server, objects)
    asked = run.origin.requests() - asked
    if asked < objects:
        raise CannotMeasure(f"the origin saw {asked} of {objects} new objects")


def settled(server, seconds=10):
    """Its memory once that has stopped to grow."""
    limit, last = time.monotonic() + seconds, server.memory()
    while time.monotonic() < limit:
        time.sleep(0.5)
        now = server.memory()
        if now <= last * 1.001:
            return now
        last = now
    return last


def idle(run):
    """Growth of memory per connection that had an answer and is kept open."""
    connections = run.plan.connections

    def measure(server):
        warm = get_command(run, server, "/1k/object", 64, 5_000)
        subprocess.run(warm, check=True, timeout=120, preexec_fn=more_descriptors)
        before = settled(server)
        holder = subprocess.Popen(
            get_command(run, server, "/1k/object", connections, connections) + ["hold"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=more_descriptors)
        bound = threading.Timer(120, holder.kill)
        bound.start()
        try:
            if holder.stdout.readline().strip() != b"held":
                raise CannotMeasure(f"it did not keep {connections} connections")
            run.ledger.add("idle", server.name,
                           bytes_per_connection=(settled(server) - before) / connections)
            run.ledger.also("idle", server.name, connections=connections)
        finally:
            bound.cancel()
            holder.stdin.close()
            holder.wait()

    run.in_turn(["idle"], run.plan.idle_rounds, ORIGIN_PORT, measure)


def stored(run):
    """Growth of memory per object of 1 KiB that is stored."""
    objects = run.plan.memory_objects

    def measure(server):
        # What a process needs for the first requests is not the objects'.
        warm = get_command(run, server, "/1k/object", 64, 5_000)
        subprocess.run(warm, check=True, timeout=120, preexec_fn=more_descriptors)
        before = settled(server)
        fill(run, server, objects)
        # Traffic Server has an object in memory once it was asked for again.
        asked = run.origin.requests()
        ask_for_all(run, server, objects)
        again = run.origin.requests() - asked
        if again > objects / 100:
            raise CannotMeasure(f"{again} of {objects} objects were not stored")
        run.ledger.add("object", server.name,
                       bytes_per_object=(settled(server) - before) / objects)
        run.ledger.also("object", server.name, objects=objects)
        if "object" in server.marks:
            run.ledger.note("object", server.name, server.marks["object"].strip("()"))

    run.in_turn(["object"], 1, ORIGIN_PORT, measure)


def answered(run, server, number, since, seconds=60):
    """Seconds from `since` to the end of the first hit of a stored object."""
    asked = run.origin.seen
    while time.monotonic() - since < seconds:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("GET", f"/1k/{number:09d}", headers={"Host": HOST})
            answer = connection.getresponse()
            body, spent = answer.read(), time.monotonic() - since
            connection.close()
        except (OSError, http.client.HTTPException):
            time.sleep(0.002)
            continue
        if answer.status == 503 or run.origin.requests() > asked:
            # It listens, but does not know what it stores yet: no hit, so the next one is asked.
            number, asked = number + 1, run.origin.seen
            time.sleep(0.02)
            continue
        if answer.status != 200 or len(body) != 1024:
            raise CannotMeasure(f"the object was answered with {answer.status}")
        return spent
    raise CannotMeasure(f"no hit in {seconds} s")


def restart(run):
    """Seconds from the start over a full cache, no page of it in memory, to the first hit."""
    objects = run.plan.disk_objects

    def measure(server):
        fill(run, server, objects)
        time.sleep(5)  # for writers behind the answers; Traffic Server's directory follows in 2 s
        for turn in range(run.plan.restarts):
            server.end()
            drop_page_cache()
            run.origin.requests()
            since = time.monotonic()
            server.launch()
            run.ledger.add("restart", server.name, first_hit_s=answered(
                run, server, objects // 2 + 1000 * turn, since))
            run.ledger.also("restart", server.name, objects=objects)

    run.in_turn(["restart"], 1, ORIGIN_PORT, measure, keeps=True)
