import { expose } from 'comlink';
import type { RunListener, Settings, TrainingService } from '../../src/app/service.ts';
import { parseAssignment } from '../../src/config.ts';
import { gameRules, learnedStates } from '../../src/inspect/game.ts';
import { learnerOptions } from '../../src/learner/learner.ts';
import { algorithms, makeConfig } from '../../src/presets.ts';
import { CpuLearner } from '../../src/reference/cpu_learner.ts';
import { configuredShape } from '../../src/train/environments.ts';
import { Trainer } from '../../src/train/trainer.ts';

/** The part of the training service that the two-step example uses, on the float64 reference. */

let learner: CpuLearner | undefined;
let config = makeConfig('game');

const service: Pick<TrainingService, 'begin' | 'game'> = {
  async begin(settings: Settings, _keep: boolean, listener: RunListener) {
    const given = Object.fromEntries(settings.map((assignment) => assignment.split('=')));
    const own = settings
      .filter((assignment) => !/^(preset|algorithm)=/.test(assignment))
      .map(parseAssignment);
    config = makeConfig(given.preset, { ...Object.fromEntries(own), ...algorithms[given.algorithm] });
    learner = new CpuLearner(learnerOptions(config, configuredShape(config)));
    const trainer = new Trainer(config, learner);
    void (async () => {
      while (!trainer.finished) {
        await trainer.advance();
        const [{ updates }] = trainer.progress;
        if (updates % 50 === 0) void listener.progress('training', { updates } as never);
      }
      void listener.ended({ state: 'finished', hash: '', reason: '', goesOn: false }, {} as never);
    })();
    return { run: {} as never, notice: '', problems: [] };
  },
  async game() {
    const [snapshot] = await learner!.save();
    const parameters = (name: string) => snapshot.get(`online.${name}`)!;
    return learnedStates(configuredShape(config), parameters, gameRules(config, 'run'), config.gamma);
  },
};
expose(service);
