// How much JavaScript heap a worker gets, in Piscina's words.

/** @param heap in bytes; undefined leaves it to V8 */
export function heapLimit(heap: number | undefined): { resourceLimits?: { maxOldGenerationSizeMb: number } } {
  return heap === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: Math.max(1, heap / 2 ** 20) } };
}
