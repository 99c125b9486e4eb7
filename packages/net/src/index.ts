// TCP connections as straight-line code, and the services that serve them.
export {};
