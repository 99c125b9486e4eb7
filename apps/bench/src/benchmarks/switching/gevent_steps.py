"""Two computations in gevent: gevent_steps.py <serial|switch> <steps of each> prints the time of a step as JSON."""
import json
import math
import sys
import time

import gevent


def step(total, i):
    return total + math.sqrt(i) * math.sqrt(i + 1) + math.sqrt(total)


def staying(steps):
    total = 0.0
    for i in range(steps):
        total = step(total, i)


def switching(steps):
    total = 0.0
    for i in range(steps):
        total = step(total, i)
        gevent.sleep(0)


if __name__ == "__main__":
    mode, count = sys.argv[1], int(sys.argv[2])
    start = time.perf_counter()
    if mode == "serial":
        staying(count)
        staying(count)
    else:
        gevent.joinall([gevent.spawn(switching, count), gevent.spawn(switching, count)])
    print(json.dumps({"time of a step": (time.perf_counter() - start) * 1e9 / (2 * count)}))
