import { expect, it } from 'vitest';
import { divergedLines, fingerprints, outcomeTable, versionLines } from '../../src/cli/tables.ts';
import type { Outcome } from '../../src/compare/outcomes.ts';

const outcome = (seed: number, failedUpdate: number | null): Outcome => ({
  ...{ seed, success: 0.5, lengthRatio: null, return: -1.5, successSeen: true, updates: 40, hash: 'abc' },
  ...{ environmentSteps: 400, stepsTo90: 100, stepsTo100: null, updatesTo100: null, failedUpdate },
  evaluations: [],
});

it('a table of outcomes quotes what holds commas or quotes, and leaves empty what there is not', () => {
  const table = outcomeTable([
    { lead: { settings: 'payoff=[[1,0],[0,2]]', name: 'a "b"' }, seeds: [outcome(1, null), outcome(2, 7)] },
  ]);
  expect(table).toBe(
    'settings,name,seed,success,lengthRatio,return,updates,environmentSteps,stepsTo90,stepsTo100,updatesTo100,failedUpdate,hash\n' +
      '"payoff=[[1,0],[0,2]]","a ""b""",1,0.5,,-1.5,40,400,100,,,,abc\n' +
      '"payoff=[[1,0],[0,2]]","a ""b""",2,0.5,,-1.5,40,400,100,,,7,abc\n',
  );
});

it('people are told how many diverged, and of a module that was changed on the way', () => {
  expect(divergedLines([{ seeds: [outcome(1, null)] }])).toEqual([]);
  expect(divergedLines([{ seeds: [outcome(1, null), outcome(2, 7)] }, { seeds: [outcome(1, 9)] }])).toEqual([
    '2 of 3 learners diverged; what is told of them is of before (failedUpdate in the CSV).',
  ]);
  const versions = (...all: readonly string[]) =>
    versionLines(fingerprints(all.map((environmentFingerprint) => ({ environmentFingerprint }))));
  expect(versions('', '')).toEqual([]);
  expect(versions('aa', 'aa')).toEqual([]);
  expect(versions('aa', 'bb', 'aa')).toEqual([
    'The module was changed on the way: runs ended on versions of SHA-256 aa, bb.',
  ]);
});
