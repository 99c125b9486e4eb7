"""Three sleeps as greenlets: prints the time that they took as JSON."""
import json
import time

import gevent

start = time.perf_counter()
gevent.joinall([gevent.spawn(gevent.sleep, seconds) for seconds in (0.2, 0.3, 0.5)])
print(json.dumps({"time": (time.perf_counter() - start) * 1000}))
