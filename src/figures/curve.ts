import type { EChartsOption } from 'echarts';
import { MEASURES, type Measure } from '../compare/measure.ts';
import type { EvaluatedStarts } from '../train/evaluate.ts';
import type { CurvePoint, LearnerCurve } from './learner_curve.ts';
import { startWords } from './start_words.ts';
import { COLOURS, renderSvg } from './svg.ts';

/** The learning curves of a run's learners. */
export interface CurveFigure extends EvaluatedStarts {
  /** What its run is called. */
  readonly run: string;
  readonly measure: Measure;
  readonly learners: readonly LearnerCurve[];
}

/** The learning curve of a run as SVG: a measure, greedy and in training, over environment steps, a line a learner. */
export async function drawCurve({ run, measure, learners, ...starts }: CurveFigure): Promise<string> {
  const { title, axis, range } = MEASURES[measure];
  const series = learners.flatMap(({ name, greedy, training }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    return [
      line(`${name} greedy`, colour, 2, 'solid', greedy),
      line(`${name} training`, colour, 1, 'dotted', training),
    ];
  });
  const option: EChartsOption = {
    title: {
      text: `${title} of ${run}`,
      subtext: `solid: greedy, over ${startWords(starts)}; dotted: last 100 training episodes`,
      left: 'center',
    },
    legend: { type: 'scroll', bottom: 0, data: learners.map(({ name }) => `${name} greedy`) },
    grid: { left: 70, right: 40, top: 70, bottom: 80 },
    xAxis: { type: 'value', name: 'environment steps per learner', nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: axis, ...range },
    series,
  };
  return renderSvg(option, `${title} over environment steps, one line a learner`);
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
    // A single point makes no line.
    showSymbol: data.length === 1,
    itemStyle: { color },
    lineStyle: { color, width, type },
  };
}
