// Draws the last values of a figure in one line of blocks.

const blocks = "▁▂▃▄▅▆▇█";

/**
 * The last `width` values, the latest on the right, from 0 at the bottom to `max` at the top.
 *
 * @param max what fills a block; default: the largest of the values shown
 */
export function sparkline(values: readonly number[], width: number, max?: number): string {
  const shown = values.slice(-width);
  const top = max ?? Math.max(...shown, 0);
  const drawn = shown.map((value) => {
    const part = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
    return blocks[Math.min(blocks.length - 1, Math.floor(part * blocks.length))];
  });
  return drawn.join("").padStart(width);
}
