import type { EChartsOption } from 'echarts';

/** Of every chart, in pixels. */
export const WIDTH = 960;
export const HEIGHT = 540;
/** Told apart with every kind of colour vision (Okabe and Ito). */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

/** A chart as SVG, light; `title` is for those who cannot see it and must hold nothing that XML minds. */
export async function renderSvg(option: EChartsOption, title: string, height = HEIGHT): Promise<string> {
  // Only now: it is most of what a start of the command line, or of the page, would load.
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({ animation: false, backgroundColor: '#ffffff', ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/<svg[^>]*>/, (open) => `${open}<title>${title}</title>`);
}
