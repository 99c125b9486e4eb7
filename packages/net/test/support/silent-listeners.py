# Listens on a port of 127.0.0.1 and 127.0.0.2 without answering: their queues are full, so the kernel drops what arrives.
# For a line on standard input, 127.0.0.1 takes what waits, and answers from then on.
import socket
import sys

waiting = []


def listen(host, port):
    listener = socket.socket()
    listener.bind((host, port))
    listener.listen(0)
    for _ in range(2):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
        waiting.append(client)
    return listener


first = listen("127.0.0.1", 0)
second = listen("127.0.0.2", first.getsockname()[1])
print(first.getsockname()[1], flush=True)
while sys.stdin.readline():
    for _ in range(2):
        waiting.append(first.accept()[0])
