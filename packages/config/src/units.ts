// `@plait/config/units`: durations and sizes as people write them; it loads nothing else.
export { formatDuration, parseDuration } from "./duration.ts";
export { formatSize, parseSize, type Size } from "./size.ts";
