# Runs a program in a pseudo-terminal: what it shows goes to standard output, and standard input is one JSON object a line,
# {"keys": "j"}, {"resize": [rows, columns]} or {"signal": 15}. Ends with a JSON object on standard error: how the program
# ended, and whether the terminal is as it was.
import fcntl, json, os, pty, select, struct, sys, termios

def resize(rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

# Keep the terminal's own end open: its settings are read when the program is gone.
master, slave = pty.openpty()
resize(24, 80)
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for stream in (0, 1, 2):
        os.dup2(slave, stream)
    os.execv(sys.argv[1], sys.argv[1:])

orders = b""
ended = None
while True:
    readable, _, _ = select.select([master, 0] if ended is None else [master], [], [], 0.05)
    if master in readable:
        sys.stdout.buffer.write(os.read(master, 65536))
        sys.stdout.buffer.flush()
    elif ended is not None:
        break
    if 0 in readable:
        chunk = os.read(0, 65536)
        if not chunk:
            os.kill(pid, 9)
        orders += chunk
        *lines, orders = orders.split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "keys" in order:
                os.write(master, order["keys"].encode())
            if "resize" in order:
                resize(*order["resize"])
            if "signal" in order:
                os.kill(pid, order["signal"])
    if ended is None:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            ended = status
code = os.waitstatus_to_exitcode(ended)
print(json.dumps({"code": code, "restored": termios.tcgetattr(slave) == before}), file=sys.stderr)
