// Draws lines of a terminal, colours included, as an SVG image.

const WIDTH = 8.4;
const HEIGHT = 18;
const MARGIN = 14;
const BACKGROUND = "#16181d";
const FOREGROUND = "#d7dae0";

/** What `picocolors` writes: the only styles that the command uses. */
const colours: Readonly<Record<number, string>> = { 31: "#ff7b72", 32: "#7ee787", 33: "#f2cc60" };

interface Style {
  bold: boolean;
  dim: boolean;
  inverse: boolean;
  colour: string | undefined;
}

/**
 * @param lines as a program writes them to a terminal
 * @param columns the width of the terminal
 * @param title what the picture shows, in words
 */
export function ansiToSvg(lines: readonly string[], columns: number, title: string): string {
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = lines.length * HEIGHT + 2 * MARGIN;
  const style = `font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" xml:space="preserve"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeText(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g ${style}>`,
    ...lines.flatMap((line, row) => drawLine(line, row, columns)),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function drawLine(line: string, row: number, columns: number): string[] {
  const style: Style = { bold: false, dim: false, inverse: false, colour: undefined };
  const drawn: string[] = [];
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with one.
  for (const [, code, text] of line.matchAll(/\u001b\[(\d+)m|([^\u001b]+)/g)) {
    if (code !== undefined) apply(style, Number(code));
    if (text === undefined) continue;
    const length = [...text].length;
    const x = MARGIN + column * WIDTH;
    const y = MARGIN + row * HEIGHT;
    if (style.inverse) {
      const rest = Math.max(length, columns - column);
      drawn.push(`<rect x="${x}" y="${y}" width="${rest * WIDTH}" height="${HEIGHT}" fill="${FOREGROUND}"/>`);
    }
    if (text.trim() !== "") {
      const fill = style.inverse ? BACKGROUND : (style.colour ?? FOREGROUND);
      const weight = style.bold ? ' font-weight="bold"' : "";
      const opacity = style.dim ? ' opacity="0.6"' : "";
      // The width is said: fonts differ, and columns have to line up.
      const place = `x="${x.toFixed(1)}" y="${y + 13}" textLength="${(length * WIDTH).toFixed(1)}"`;
      drawn.push(`<text ${place} fill="${fill}"${weight}${opacity}>${escapeText(text)}</text>`);
    }
    column += length;
  }
  return drawn;
}

function apply(style: Style, code: number): void {
  if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 7) style.inverse = true;
  else if (code === 22) style.bold = style.dim = false;
  else if (code === 27) style.inverse = false;
  else if (code === 39) style.colour = undefined;
  else style.colour = colours[code] ?? style.colour;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
