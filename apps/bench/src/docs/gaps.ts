// Why a target is missed: where the time or the memory goes, what was tried, and what came of it. Shown below the
// scenario as long as the target is missed. By benchmark and scenario.
export const gaps: Readonly<Record<string, string>> = {};
