import { make } from '../dom.ts';
import { decimal, extent, mean } from './numbers.ts';
import { picture, svg } from './svg.ts';

/** Which colour: an agent's number, or the team's. */
type Tone = number | 'team';
const toneClass = (tone: Tone): string => `tone-${tone === 'team' ? tone : tone % 4}`;

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** What is said of it beside the number; empty where nothing is. */
  readonly remark: string;
  readonly marked?: boolean;
}

/** What bars of one scale lie between; holds zero. */
export type Scale = readonly [least: number, most: number];

export function scaleOf(values: readonly number[]): Scale {
  const [least, most] = extent([0, ...values.filter(Number.isFinite)]);
  return least === most ? [0, 1] : [least, most];
}

/** Values as a table in which each has a bar from zero, to be compared where the scales are equal. */
export function barTable(caption: string, bars: readonly Bar[], scale: Scale, tone: Tone): HTMLTableElement {
  const table = make('table', { class: `bars ${toneClass(tone)}` }, make('caption', {}, caption));
  const body = table.createTBody();
  for (const { label, value, remark, marked } of bars) {
    const row = body.insertRow();
    if (marked) row.className = 'marked';
    row.append(
      make('th', { scope: 'row' }, label),
      make('td', { class: 'bar-cell', 'aria-hidden': 'true' }, bar(value, scale)),
      make('td', {}, decimal(value)),
      make('td', { class: 'remark' }, remark),
    );
  }
  return table;
}

function bar(value: number, [least, most]: Scale): HTMLElement {
  const share = (at: number): number => (100 * (at - least)) / (most - least);
  const fill = make('span', { class: 'bar' });
  const shown = Number.isFinite(value) ? value : 0;
  fill.style.left = `${share(Math.min(0, shown))}%`;
  fill.style.width = `${share(Math.max(0, shown)) - share(Math.min(0, shown))}%`;
  const zero = make('span', { class: 'zero' });
  zero.style.left = `${share(0)}%`;
  return make('span', { class: 'track' }, zero, fill);
}

const STRIP = { width: 320, height: 44 };

/** A number for each unit as a row of bars from zero, with a sentence on all of them. */
export function weightStrip(name: string, values: readonly number[], scale: Scale, tone: Tone): HTMLElement {
  const [least, most] = scale;
  const { width, height } = STRIP;
  const y = (value: number): number => height - (height * (value - least)) / (most - least);
  const each = width / values.length;
  const [smallest, largest] = extent(values);
  const text =
    `${values.length} ${values.length === 1 ? 'number' : 'numbers'}, ` +
    `${decimal(smallest, 3)} to ${decimal(largest, 3)}, mean ${decimal(mean(values), 3)}`;
  // One path for all: there may be thousands.
  const wide = Math.max(each - 1, each / 2);
  const d = values.map((value, m) => `M${m * each} ${y(0)}V${y(value)}h${wide}V${y(0)}Z`).join('');
  const zero = svg('line', { class: 'axis', x1: 0, x2: width, y1: y(0), y2: y(0) });
  const drawn = picture(width, height, `${name}: ${text}`, svg('path', { class: 'fill', d }), zero);
  drawn.setAttribute('preserveAspectRatio', 'none');
  return make(
    'figure',
    { class: `strip ${toneClass(tone)}` },
    make('figcaption', {}, make('strong', {}, name), `: ${text}`),
    drawn,
  );
}

interface Curve {
  /** Values at equal distances. */
  readonly values: readonly number[];
  /** Share of the width, 0..1, at which it is now, and its value there. */
  readonly at: number;
  readonly value: number;
}

const CHART = { width: 320, height: 170, left: 44, bottom: 20, top: 8, right: 20 };
/** One period for all, so that of curves which lie on each other each shows a piece. */
const DASHES = ['none', '9 3', '6 6', '3 9'];
/** Between two of the numbers at the curves' ends, at least. */
const LINE = 11;

/**
 * Curves over one axis, each of an agent, whose number stands at its end, with a point where it is now. `axis`: what
 * lies at the ends of the axis.
 */
export function curveChart(
  label: string,
  curves: readonly Curve[],
  axis: readonly [string, string],
): SVGElement {
  const { width, height, left, bottom, top, right } = CHART;
  const [least, most] = extent(curves.flatMap(({ values }) => values));
  const room = Math.max(1e-6, most - least);
  const x = (share: number): number => left + share * (width - left - right);
  const y = (value: number): number => height - bottom - ((value - least) / room) * (height - bottom - top);
  const lines = curves.map(({ values }, agent) =>
    svg('polyline', {
      class: `curve ${toneClass(agent)}`,
      'stroke-dasharray': DASHES[agent % DASHES.length],
      points: values.map((value, j) => `${x(j / (values.length - 1))},${y(value)}`).join(' '),
    }),
  );
  const points = curves.map(({ at, value }, agent) =>
    svg('circle', { class: `point ${toneClass(agent)}`, cx: x(at), cy: y(value), r: 5 }),
  );
  const text = (content: string, at: Readonly<Record<string, string | number>>): SVGElement =>
    svg('text', { class: 'label', ...at }, content);
  const base = height - bottom;
  const ends = apart(
    curves.map(({ values }) => y(values[values.length - 1])),
    top,
    base,
  );
  const numbers = ends.map((end, agent) =>
    svg('text', { class: `number ${toneClass(agent)}`, x: width - right + 5, y: end + 4 }, String(agent + 1)),
  );
  return picture(
    width,
    height,
    label,
    svg('path', { class: 'axis', d: `M${left} ${top}V${base}H${width - right}` }),
    text(decimal(most), { x: left - 4, y: top + 8, 'text-anchor': 'end' }),
    text(decimal(least), { x: left - 4, y: base, 'text-anchor': 'end' }),
    text(axis[0], { x: left, y: height - 5 }),
    text(axis[1], { x: width - right, y: height - 5, 'text-anchor': 'end' }),
    ...lines,
    ...points,
    ...numbers,
  );
}

/** The same heights, downwards, moved so far apart that no two are nearer than a line, from `top` to `bottom`. */
function apart(heights: readonly number[], top: number, bottom: number): number[] {
  const gap = Math.min(LINE, (bottom - top) / Math.max(1, heights.length - 1));
  const moved = [...heights];
  const order = heights.map((_, at) => at).sort((a, b) => heights[a] - heights[b]);
  for (const [rank, index] of order.entries())
    moved[index] = Math.max(moved[index], rank === 0 ? top : moved[order[rank - 1]] + gap);
  for (const [rank, index] of order.toReversed().entries())
    moved[index] = Math.min(moved[index], bottom - rank * gap);
  return moved;
}
