// Tier 3: coroutines, operations, scopes and the scheduler that runs them.
export {};
