import '../../src/app/style.css';
import { wrap } from 'comlink';
import type { TrainingService } from '../../src/app/service.ts';
import { Tour } from '../../src/app/understand/tour.ts';
import { TwoStepExample } from '../../src/app/understand/two_step.ts';
import { LiveRun } from './live_run.ts';

/** A page with the tour, bound to a small run of the algorithm and the agents in the link, and the two-step example. */
const link = new URLSearchParams(location.search);
const live = new LiveRun(link.get('algorithm') ?? 'qmix', Number(link.get('agents') ?? 2));
new Tour(document.getElementById('tour')!, live);
new TwoStepExample(document.getElementById('two-step')!, async () => {
  const worker = new Worker(new URL('./two_step_worker.ts', import.meta.url), { type: 'module' });
  return {
    service: wrap<TrainingService>(worker) as unknown as TrainingService,
    close: () => worker.terminate(),
  };
});
