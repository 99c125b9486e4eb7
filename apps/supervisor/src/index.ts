// The supervisor command.
export {};
