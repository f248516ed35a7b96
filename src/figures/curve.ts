import type { EChartsOption } from 'echarts';
import type { MetricsRow } from '../train/metrics.ts';
import { COLOURS, renderSvg } from './svg.ts';

/** Of a learner: what is measured in percent, over environment steps. */
export interface LearnerCurve {
  readonly name: string;
  readonly greedy: readonly CurvePoint[];
  readonly training: readonly CurvePoint[];
}
export type CurvePoint = readonly [environmentSteps: number, percent: number];

/** The learning curve of a learner, from its rows. */
export function learnerCurve(name: string, rows: readonly MetricsRow[]): LearnerCurve {
  return { name, greedy: points(rows, 'success'), training: points(rows, 'trainingSuccess') };
}

/** The learning curve of a run as SVG: greedy and training success over environment steps, a line a learner. */
export async function drawCurve(title: string, learners: readonly LearnerCurve[]): Promise<string> {
  const series = learners.flatMap(({ name, greedy, training }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    return [
      line(`${name} greedy`, colour, 2, 'solid', greedy),
      line(`${name} training`, colour, 1, 'dotted', training),
    ];
  });
  const option: EChartsOption = {
    title: {
      text: title,
      subtext: 'solid: greedy, over all starts; dotted: last 100 training episodes',
      left: 'center',
    },
    legend: { type: 'scroll', bottom: 0, data: learners.map(({ name }) => `${name} greedy`) },
    grid: { left: 70, right: 40, top: 70, bottom: 80 },
    xAxis: { type: 'value', name: 'environment steps per learner', nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: 'success, %', min: 0, max: 100 },
    series,
  };
  return renderSvg(option, 'Success over environment steps, one line a learner');
}

function points(rows: readonly MetricsRow[], column: 'success' | 'trainingSuccess'): CurvePoint[] {
  return rows
    .filter((row) => Number.isFinite(row[column]))
    .map((row) => [row.environmentSteps, 100 * row[column]]);
}

function line(
  name: string,
  color: string,
  width: number,
  type: 'solid' | 'dotted',
  data: readonly CurvePoint[],
) {
  return {
    type: 'line' as const,
    name,
    data: data.map((point) => [...point]),
    showSymbol: false,
    itemStyle: { color },
    lineStyle: { color, width, type },
  };
}
