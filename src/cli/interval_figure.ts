import { MEASURES, type Measure } from '../compare/measure.ts';
import type { CurvePoint } from '../compare/outcomes.ts';
import { COLOURS, renderSvg, WIDTH } from '../figures/svg.ts';

/** A line with its interval. */
export interface IntervalSeries {
  readonly name: string;
  /** Lines that belong together have one colour, and dashes of their own. */
  readonly colour: number;
  readonly dash: number;
  readonly points: readonly CurvePoint[];
}

interface Words {
  readonly title: string;
  readonly subtitle: string;
}

const DASHES = ['solid', 'dashed', 'dotted'] as const;
/** Width of a letter at most, of what stands before a name in the legend, and height of its lines; in pixels. */
const LETTER = 7.2;
const MARK = 54;
const LEGEND_LINE = 26;
const LEGEND_GAP = 12;
/** Height of all above the legend. */
const PLOT = 510;

/** Looks of lines that do not belong together: past the colours, they differ in their dashes. */
export const lookOf = (index: number): Pick<IntervalSeries, 'colour' | 'dash'> => ({
  colour: index % COLOURS.length,
  dash: Math.floor(index / COLOURS.length) % DASHES.length,
});

/** A greedy measure over environment steps as SVG: interquartile means, and their intervals as bands. */
export function drawIntervals(
  series: readonly IntervalSeries[],
  measure: Measure,
  { title, subtitle }: Words,
): Promise<string> {
  const { axis, factor, range } = MEASURES[measure];
  // Names stand in columns of one width: how wide a text comes out, only who draws it knows.
  const column = MARK + Math.ceil(LETTER * Math.max(...series.map(({ name }) => name.length)));
  const columns = Math.max(1, Math.min(series.length, Math.floor(WIDTH / column)));
  const legend = LEGEND_LINE * Math.ceil(series.length / columns);
  const looks = series.map(({ colour, dash }) => ({ color: COLOURS[colour], type: DASHES[dash] }));
  const lines = series.map(({ name, points }, index) => ({
    type: 'line' as const,
    name,
    data: points.map(({ environmentSteps, iqm }) => [environmentSteps, factor * iqm]),
    symbol: points.length === 1 ? 'circle' : 'none',
    itemStyle: { color: looks[index].color },
    lineStyle: { ...looks[index], width: 2.5 },
    z: 3,
  }));
  // A band is the interval's height, stacked on a line at its foot that is not seen.
  const bands = series.flatMap(({ name, points }, index) => {
    const side = (data: (point: CurvePoint) => number, opacity: number) => ({
      type: 'line' as const,
      name: `${name} interval`,
      stack: `interval ${index}`,
      stackStrategy: 'all' as const,
      data: points.map((point) => [point.environmentSteps, factor * data(point)]),
      showSymbol: false,
      silent: true,
      lineStyle: { opacity: 0 },
      itemStyle: { color: looks[index].color },
      areaStyle: { color: looks[index].color, opacity },
      z: 1,
    });
    return [side(({ low }) => low, 0), side(({ low, high }) => high - low, 0.14)];
  });
  return renderSvg(
    {
      title: { text: title, subtext: subtitle, left: 'center' },
      legend: Array.from({ length: columns }, (_, at) => ({
        orient: 'vertical' as const,
        left: (WIDTH - columns * column) / 2 + at * column,
        top: PLOT,
        itemWidth: 34,
        itemGap: LEGEND_GAP,
        itemStyle: { opacity: 0 },
        data: series.filter((_, index) => index % columns === at).map(({ name }) => name),
      })),
      grid: { left: 75, right: 40, top: 75, bottom: 60 + legend },
      xAxis: {
        type: 'value',
        name: 'environment steps per learner',
        nameLocation: 'middle',
        nameGap: 30,
        min: 0,
        max: 'dataMax',
      },
      yAxis: {
        type: 'value',
        name: `greedy ${axis}`,
        nameLocation: 'middle',
        nameGap: 42,
        ...range,
      },
      series: [...bands, ...lines],
    },
    `Greedy ${measure} over environment steps: interquartile means and 95% intervals`,
    PLOT + legend,
  );
}
