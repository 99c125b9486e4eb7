// Tier 1: cluster workers that share the supervisor's listening sockets.
export {};
