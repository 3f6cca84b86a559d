"""The machine of a run: what the reader must know of it, and what is set while it runs."""
import contextlib
import datetime
import os
import platform
import subprocess

CONGESTION = "net.ipv4.tcp_congestion_control"


def congestion(value=None):
    """Reads or sets the kernel's congestion control; `None` where that is not allowed."""
    command = ["sysctl", "-n", CONGESTION] if value is None else \
        ["sysctl", "-q", "-w", f"{CONGESTION}={value}"]
    run = subprocess.run(command, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else None


@contextlib.contextmanager
def steady():
    """The same congestion control for all servers, whatever the machine's own is."""
    before = congestion()
    congestion("cubic")
    try:
        yield
    finally:
        if before:
            congestion(before)


def about(kinds, length):
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines
                      if line.startswith("model name")), platform.machine())
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "run": length, "kernel": platform.release(), "processor": model,
        "cores": os.cpu_count(), "congestion_control": congestion(),
        "load_before": os.getloadavg()[0],
        "versions": {kind.name: kind.version() for kind in kinds},
        "remarks": {kind.name: kind.remark for kind in kinds if kind.remark},
    }
