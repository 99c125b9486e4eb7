// Puts the tiers together: topology, control socket, status.
export {};
