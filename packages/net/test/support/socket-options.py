# Prints the TCP options of the socket that is its standard input, as JSON.
import json
import socket

it = socket.socket(fileno=0)
tcp = socket.IPPROTO_TCP
keep_alive = it.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
print(json.dumps({
    "noDelay": it.getsockopt(tcp, socket.TCP_NODELAY) != 0,
    "keepAlive": it.getsockopt(tcp, socket.TCP_KEEPIDLE) if keep_alive else False,
}), flush=True)
it.shutdown(socket.SHUT_RDWR)
