# Does what systemd does for a unit with a socket: binds it, passes it as descriptor 3, and listens for notifications.
import os
import socket
import sys

heard, *command = sys.argv[1:]

notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(heard + ".socket")
if os.fork() == 0:
    notify.settimeout(60)
    with open(heard, "a", buffering=1) as file:
        message = ""
        while "STOPPING=1" not in message:
            message = notify.recv(4096).decode().strip().replace("\n", " ")
            # A barrier asks for nothing but to be received.
            if message != "BARRIER=1":
                file.write(message + "\n")
    os._exit(0)

listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(64)
os.dup2(listening.fileno(), 3)
os.environ.update(
    NOTIFY_SOCKET=heard + ".socket",
    WATCHDOG_USEC="1000000",
    LISTEN_FDS="1",
    LISTEN_FDNAMES="http",
    LISTEN_PID=str(os.getpid()),
)
os.execvp(command[0], command)
