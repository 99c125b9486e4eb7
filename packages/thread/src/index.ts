// Tier 2: supervised serving threads with a control port each.
export {};
