import '../../src/app/style.css';
import { MeasurePanel } from '../../src/app/verify/measure_panel.ts';
import { SHIPPED_VECTORS } from '../../src/app/verify/vectors.ts';
import { VerifyPanel } from '../../src/app/verify/verify_panel.ts';
import { DEFAULT_PLAN } from '../../src/bench/plan.ts';

/** A page with the panels that verify and measure: the files that the link names, in the folder that it names. */
const link = new URLSearchParams(location.search);
const names = link.getAll('file');
const folder = new URL(`/${link.get('folder')}/`, location.href);
const files = names.map((name) => ({ name, url: new URL(name, folder).href }));
new VerifyPanel(document.getElementById('verify')!, names.length > 0 ? files : SHIPPED_VECTORS);
new MeasurePanel(document.getElementById('measure')!, {
  ...DEFAULT_PLAN,
  parts: ['updates', 'rollout'],
  learners: [1],
  batch: [],
  agents: [],
  environments: [32],
});
Object.assign(window, { shipped: SHIPPED_VECTORS });
