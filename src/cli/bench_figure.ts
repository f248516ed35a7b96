import type { BenchReport } from '../bench/run_bench.ts';
import type { UpdateRow, UpdateSizes } from '../bench/update_bench.ts';
import { COLOURS, renderSvg, WIDTH } from '../figures/svg.ts';

/** A small chart of its own, one of several in a figure. */
interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** y with its smallest and largest. */
interface Point {
  readonly x: number;
  readonly y: number;
  readonly least: number;
  readonly most: number;
}

/** Of a panel with its titles and axes, in pixels. */
const PANEL_HEIGHT = 330;
const TOP = 76;
const COLUMNS = 2;

/** How costs grow, as SVG: an update over learners, batch and agents, a rollout over environments; log by log. */
export function drawBench(report: BenchReport): Promise<string> {
  const panels = [
    updatePanel(report.updates, 'learners', 'learners that train together'),
    updatePanel(report.updates, 'batch', 'batch'),
    updatePanel(report.updates, 'agents', 'agents'),
    rolloutPanel(report),
  ].filter(({ lines }) => lines.some(({ points }) => points.length > 0));
  const rows = Math.ceil(panels.length / COLUMNS);
  const width = WIDTH / COLUMNS;
  const height = TOP + rows * PANEL_HEIGHT;
  const left = (index: number): number => (index % COLUMNS) * width;
  const top = (index: number): number => TOP + Math.floor(index / COLUMNS) * PANEL_HEIGHT;
  return renderSvg(
    {
      title: [
        {
          text: 'What an update and a step cost',
          subtext: `${report.adapter}, sizes of preset ${report.preset}; median, least and most`,
          left: 'center',
        },
        ...panels.map(({ title }, index) => ({
          text: title,
          left: left(index) + 66,
          top: top(index) + 2,
          textStyle: { fontSize: 14 },
        })),
      ],
      grid: panels.map((_, index) => ({
        left: left(index) + 70,
        top: top(index) + 52,
        width: width - 105,
        height: PANEL_HEIGHT - 120,
      })),
      xAxis: panels.map(({ x, lines }, index) => ({
        type: 'log' as const,
        logBase: 2,
        gridIndex: index,
        name: x,
        nameLocation: 'middle' as const,
        nameGap: 28,
        min: Math.min(...lines.flatMap(({ points }) => points.map((point) => point.x))),
        max: Math.max(...lines.flatMap(({ points }) => points.map((point) => point.x))),
        axisLabel: { formatter: (value: number) => value.toLocaleString('en') },
      })),
      yAxis: panels.map(({ y, lines }, index) => ({
        type: 'log' as const,
        gridIndex: index,
        name: y,
        nameLocation: 'middle' as const,
        nameGap: 48,
        ...decades(lines),
        axisLabel: { formatter: (value: number) => compact(value) },
      })),
      series: panels.flatMap(({ lines }, index) =>
        lines.flatMap((line, at) => {
          // Above and below in turn, as lines may end close together.
          const side = at % 2 === 0 ? 'top' : 'bottom';
          return series(line, index, COLOURS[at % COLOURS.length], lines.length > 1 ? side : undefined);
        }),
      ),
    },
    'Milliseconds of an update over learners, batch and agents, and environment steps a second over environments',
    height,
  );
}

/** Rows in which only `size` is not what most rows have. */
function updatePanel(rows: readonly UpdateRow[], size: keyof UpdateSizes, x: string): Panel {
  const others = (['learners', 'batch', 'agents'] as const).filter((name) => name !== size);
  const key = (row: UpdateRow): string => others.map((name) => row[name]).join(' ');
  const points = rows
    .map((row) => rows.filter((other) => key(other) === key(row)))
    .reduce<readonly UpdateRow[]>((most, group) => (group.length > most.length ? group : most), []);
  const enough = points.length > 1 ? points : [];
  return {
    title: `An update, over ${x}`,
    x,
    y: 'ms',
    lines: [
      {
        name: 'update',
        points: enough
          .map((row) => ({ x: row[size], y: row.ms, least: row.spread[0], most: row.spread[1] }))
          .sort((a, b) => a.x - b.x),
      },
    ],
  };
}

function rolloutPanel({ rollout }: BenchReport): Panel {
  const kinds = [...new Set(rollout.map(({ kind }) => kind))];
  return {
    title: 'Rollout, over environments',
    x: 'environments',
    y: 'environment steps a second',
    lines: kinds.map((kind) => ({
      name: kind,
      points: rollout
        .filter((row) => row.kind === kind)
        .map(({ environments: E, stepsPerSecond, spread: [least, most] }) => ({
          x: E,
          y: stepsPerSecond,
          least: (1000 * E) / most,
          most: (1000 * E) / least,
        })),
    })),
  };
}

/** Whole powers of ten around everything. */
function decades(lines: readonly Line[]): { min: number; max: number } {
  const all = lines.flatMap(({ points }) => points.flatMap(({ least, most }) => [least, most]));
  return {
    min: 10 ** Math.floor(Math.log10(Math.min(...all))),
    max: 10 ** Math.ceil(Math.log10(Math.max(...all))),
  };
}

/** `named`: on which side of its last point a line's name stands, if it has one. */
function series({ name, points }: Line, index: number, color: string, named?: 'top' | 'bottom') {
  const axes = { xAxisIndex: index, yAxisIndex: index };
  const line = {
    type: 'line' as const,
    ...axes,
    name,
    data: points.map(({ x, y }) => [x, y]),
    symbol: 'circle',
    symbolSize: 6,
    itemStyle: { color },
    lineStyle: { color, width: 2 },
    ...(named && {
      label: {
        show: true,
        position: named,
        // Only the last point says which line it is of.
        formatter: ({ dataIndex }: { dataIndex: number }) => (dataIndex === points.length - 1 ? name : ''),
        align: 'right' as const,
        color,
      },
    }),
  };
  // Whiskers, each a line of its own from least to most.
  const whiskers = points.map(({ x, least, most }) => ({
    type: 'line' as const,
    ...axes,
    name: `${name} spread`,
    data: [
      [x, least],
      [x, most],
    ],
    showSymbol: false,
    silent: true,
    itemStyle: { color },
    lineStyle: { color, width: 5, opacity: 0.3 },
  }));
  return [line, ...whiskers];
}

function compact(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  if (value >= 1e4) return `${value / 1e3} k`;
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}
