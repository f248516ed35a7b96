import type { EChartsOption } from 'echarts';
import { type Config, runMembers } from '../config.ts';
import type { MetricsRow } from '../train/metrics.ts';
import { describeEnvironment, describeSettings } from './summary.ts';

/** Of every chart, in pixels. */
export const WIDTH = 960;
const HEIGHT = 540;
/** Told apart with every kind of colour vision (Okabe and Ito). */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** The learning curve of a run as SVG: greedy and training success over environment steps, a line a learner. */
export async function drawCurve(rows: readonly MetricsRow[], config: Config): Promise<string> {
  const learners = runMembers(config).map(({ seed, variant }) => ({
    name:
      config.variants.length > 0 ? `${describeSettings(config.variants[variant])}, ${seed}` : String(seed),
    own: rows.filter((row) => row.seed === seed && row.variant === variant),
  }));
  const series = learners.flatMap(({ name, own }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    return [
      line(`${name} greedy`, colour, 2, 'solid', points(own, 'success')),
      line(`${name} training`, colour, 1, 'dotted', points(own, 'trainingSuccess')),
    ];
  });
  const option: EChartsOption = {
    title: {
      text: `Success of ${config.preset} on ${describeEnvironment(config)}`,
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

/** A chart as SVG, light; `title` is for those who cannot see it and must hold nothing that XML minds. */
export async function renderSvg(option: EChartsOption, title: string, height = HEIGHT): Promise<string> {
  // Only now: it is most of what a start of the command line would load.
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, backgroundColor: '#ffffff', ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/<svg[^>]*>/, (open) => `${open}<title>${title}</title>`);
}

function points(rows: readonly MetricsRow[], column: 'success' | 'trainingSuccess'): number[][] {
  return rows
    .filter((row) => Number.isFinite(row[column]))
    .map((row) => [row.environmentSteps, 100 * row[column]]);
}

function line(name: string, color: string, width: number, type: 'solid' | 'dotted', data: number[][]) {
  return {
    type: 'line' as const,
    name,
    data,
    showSymbol: false,
    itemStyle: { color },
    lineStyle: { color, width, type },
  };
}
