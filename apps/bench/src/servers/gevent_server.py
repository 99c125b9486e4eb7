"""The servers in gevent: gevent_server.py <port> <echo|upper|lines>. One greenlet a connection."""
import sys

from gevent.server import StreamServer


def echo(socket, _address):
    while chunk := socket.recv(65536):
        socket.sendall(chunk)


def upper(socket, _address):
    while chunk := socket.recv(4096):
        socket.sendall(chunk.upper())


def lines(socket, _address):
    reader = socket.makefile("rb")
    while line := reader.readline():
        socket.sendall(line)


if __name__ == "__main__":
    port, reply = int(sys.argv[1]), sys.argv[2]
    serve = {"echo": echo, "upper": upper, "lines": lines}[reply]
    StreamServer(("127.0.0.1", port), serve, backlog=4096).serve_forever()
