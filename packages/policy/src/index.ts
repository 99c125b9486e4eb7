// Restart, backoff and escalation as pure state machines.
export {};
