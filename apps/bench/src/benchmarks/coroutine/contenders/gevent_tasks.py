"""The scenarios in gevent: `gevent_tasks.py <scenario> <count>` prints one line of JSON."""
import gc
import json
import resource
import sys
import time

import gevent
from gevent.event import Event
from gevent.queue import Channel

ROUNDS = 3
DEPTH = 100


def give_way(times):
    for _ in range(times):
        gevent.sleep(0)


def switch(count):
    gevent.joinall([gevent.spawn(give_way, count // 2) for _ in range(2)])


def pong(there, back, times):
    for _ in range(times):
        back.put(there.get())


def channel(count):
    there, back = Channel(), Channel()
    other = gevent.spawn(pong, there, back, count)
    for i in range(count):
        there.put(i)
        back.get()
    other.join()


def spawn(count):
    for i in range(count):
        gevent.spawn(int, i).get()


def batch(count):
    for _ in range(count // 100):
        gevent.joinall([gevent.spawn(int, n) for n in range(100)])


def level(depth):
    child = gevent.spawn(level, depth - 1) if depth > 1 else None
    try:
        gevent.sleep(1000000)
    finally:
        if child is not None:
            child.kill()


def cancel(count):
    for _ in range(count // DEPTH):
        top = gevent.spawn(level, DEPTH)
        for _ in range(DEPTH + 1):
            gevent.sleep(0)
        top.kill()


WORK = {"switch": switch, "channel": channel, "spawn": spawn, "batch": batch, "cancel": cancel}


def used():
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def parked(count):
    event = Event()
    before = used()
    tasks = [gevent.spawn(event.wait) for _ in range(count)]
    gevent.sleep(0.01)
    after = used()
    event.set()
    gevent.joinall(tasks)
    return (after - before) / count


def sleeping(count):
    before = used()
    tasks = [gevent.spawn(gevent.sleep, 1000000) for _ in range(count)]
    gevent.sleep(0.01)
    after = used()
    gevent.killall(tasks)
    return (after - before) / count


MEMORY = {"parked": parked, "sleeping": sleeping}

if __name__ == "__main__":
    name, count = sys.argv[1], int(sys.argv[2])
    if name in WORK:
        best = float("inf")
        for _ in range(ROUNDS):
            start = time.perf_counter()
            WORK[name](count)
            best = min(best, time.perf_counter() - start)
        print(json.dumps({"value": best * 1e9 / count}))
    elif name in MEMORY:
        print(json.dumps({"value": MEMORY[name](count)}))
