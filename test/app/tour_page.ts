import '../../src/app/style.css';
import { wrap } from 'comlink';
import type { TrainingService } from '../../src/app/service.ts';
import { Tour } from '../../src/app/understand/tour.ts';
import { TwoStepExample } from '../../src/app/understand/two_step.ts';
import { LiveRun } from './live_run.ts';
import { ToldRun, toldEpisode } from './told_run.ts';

/**
 * A page with the tour and the two-step example. The tour is bound to a small run of the algorithm and the agents in
 * the link; where that says `told`, to one of which the test says everything.
 */
const link = new URLSearchParams(location.search);
const root = document.getElementById('tour')!;
const told = new ToldRun();
const tour = new Tour(
  root,
  link.has('told') ? told : new LiveRun(link.get('algorithm') ?? 'qmix', Number(link.get('agents') ?? 2)),
);
new TwoStepExample(document.getElementById('two-step')!, (onError) => {
  const worker = new Worker(new URL('./two_step_worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', () => onError('the worker could not be loaded'));
  return {
    service: wrap<TrainingService>(worker) as unknown as TrainingService,
    close: () => worker.terminate(),
  };
});

const bench = { told, tour, toldEpisode };
export type TourBench = typeof bench;
Object.assign(window, { bench });
