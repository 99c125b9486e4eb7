// A TCP service on every core: processes, threads and coroutines.
export {};
