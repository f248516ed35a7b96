import '../../src/app/style.css';
import { MeasurePanel } from '../../src/app/verify/measure_panel.ts';
import { SHIPPED_VECTORS } from '../../src/app/verify/vectors.ts';
import { VerifyPanel } from '../../src/app/verify/verify_panel.ts';
import { DEFAULT_PLAN } from '../../src/bench/plan.ts';

/** A page with the panels that verify and measure: the files that the link names, at the site's root. */
const names = new URLSearchParams(location.search).getAll('file');
const files = names.map((name) => ({ name, url: new URL(`/${name}`, location.href).href }));
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
