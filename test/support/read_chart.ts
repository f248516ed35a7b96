/** What people see of a chart in SVG: its lines, and its bands, in the numbers that its axes are labelled with. */
export interface SeenLine {
  /** From the legend, by colour and dashes; undefined: the legend does not have it. */
  readonly name: string | undefined;
  readonly colour: string;
  /** Lengths of dashes and gaps; empty: solid. */
  readonly dashes: string;
  /** x and y of each corner, rounded to `decimals`. */
  readonly points: readonly (readonly number[])[];
}

export interface SeenChart {
  readonly lines: readonly SeenLine[];
  /** Coloured areas by colour: their corners, the upper edge from left to right, then the lower from right to left. */
  readonly bands: readonly Pick<SeenLine, 'colour' | 'points'>[];
  readonly texts: readonly string[];
}

type Attributes = Readonly<Record<string, string>>;
interface Element {
  readonly attributes: Attributes;
  readonly text: string;
}

const elements = (svg: string, tag: string): Element[] =>
  [...svg.matchAll(new RegExp(`<${tag}\\b([^>]*)>([^<]*)`, 'g'))].map(([, attributes, text]) => ({
    attributes: Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map((pair) => pair.slice(1)),
    ),
    text,
  }));

/** Where an element was moved to. */
const moved = ({ transform = '' }: Attributes): string => /translate\((.*)\)/.exec(transform)?.[1] ?? '';

/** From pixels to the numbers of an axis, by the labels of its first and its last tick. */
function scale(ticks: readonly (readonly [pixel: number, label: number])[]): (pixel: number) => number {
  const [[from, first], [to, last]] = [ticks[0], ticks[ticks.length - 1]];
  return (pixel) => first + ((pixel - from) / (to - from)) * (last - first);
}

/** Reads a chart of lines over numbers. */
export function readChart(svg: string, decimals = 0): SeenChart {
  const texts = elements(svg, 'text');
  const paths = elements(svg.replace(/<defs.*<\/defs>/s, ''), 'path').map(({ attributes }) => attributes);
  const ticks = (anchor: string, axis: 0 | 1) =>
    texts
      .filter(({ attributes, text }) => attributes['text-anchor'] === anchor && /^-?[\d.,]+$/.test(text))
      .map(
        ({ attributes, text }) =>
          [Number(moved(attributes).split(' ')[axis]), Number(text.replaceAll(',', ''))] as const,
      );
  const [x, y] = [scale(ticks('middle', 0)), scale(ticks('end', 1))];
  const round = (value: number): number => Number(value.toFixed(decimals)) + 0;
  const corners = ({ d }: Attributes): number[][] =>
    [...d.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, left, top]) => [round(x(+left)), round(y(+top))]);
  // Where a legend has dashes, it scales them with the width of its line.
  const legend = paths.filter(({ d }) => /^M0 7L\d+ 7$/.test(d));
  const nameOf = (line: Attributes): string | undefined => {
    const own = legend.find(
      (mark) => mark.stroke === line.stroke && !mark['stroke-dasharray'] === !line['stroke-dasharray'],
    );
    return own && texts.find(({ attributes }) => moved(attributes) === moved(own))?.text;
  };
  return {
    lines: paths
      .filter((path) => path['stroke-linejoin'] === 'bevel' && path['stroke-opacity'] !== '0')
      .map((path) => ({
        name: nameOf(path),
        colour: path.stroke,
        dashes: path['stroke-dasharray'] ?? '',
        points: corners(path),
      })),
    bands: paths
      .filter((path) => Number(path['fill-opacity']) > 0 && path.d.endsWith('Z'))
      .map((path) => ({ colour: path.fill, points: corners(path) })),
    texts: texts.map(({ text }) => text),
  };
}
