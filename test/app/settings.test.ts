import { describe, expect, test } from 'vitest';
import { formValues, keepValid, presetValues, readSettings } from '../../src/app/settings.ts';
import { makeConfig } from '../../src/config.ts';

describe('settings', () => {
  test('later assignments replace earlier ones, and the preset is what the rest changes', () => {
    const reading = readSettings(['gridSize=3', 'hidden=32', 'preset=report', 'gridSize=4', 'seeds=1, 2']);
    expect(reading.problems).toEqual([]);
    expect(reading.config).toEqual(makeConfig('report', { gridSize: 4, hidden: 32, seeds: [1, 2] }));
    expect(readSettings([]).config).toEqual(makeConfig('solve'));
  });

  test('every problem by its field', () => {
    const { problems } = readSettings(['gridSize=1', 'seeds=1,x']);
    expect(problems.map(({ field }) => field).sort()).toEqual(['gridSize', 'seeds']);
    expect(readSettings(['preset=best']).problems).toEqual([
      { field: 'preset', message: 'preset: got "best", allowed: solve, report' },
    ]);
    expect(readSettings(['speed=9', 'gridSize=1']).problems[0].field).toBe('speed');
  });

  test('only what the board can show is offered', () => {
    expect(readSettings(['preset=game']).problems).toEqual([
      { field: 'preset', message: 'preset: got "game", allowed: solve, report' },
    ]);
    expect(readSettings(['environment=two-step']).problems).toEqual([
      {
        field: 'environment',
        message: 'environment: got "two-step", allowed: meeting-gridworld, on this page',
      },
    ]);
    expect(keepValid(['environment=matrix', 'seeds=7']).kept).toEqual(['seeds=7']);
    expect(Object.keys(presetValues())).toEqual(['solve', 'report']);
  });

  test('of a link, what is wrong is left out and the rest kept', () => {
    const { config, kept, problems } = keepValid([
      'gridSize=3',
      'speed=9',
      'hidden=no',
      'agents=9',
      'seeds=7',
    ]);
    expect(kept).toEqual(['gridSize=3', 'seeds=7']);
    expect(config).toEqual(makeConfig('solve', { gridSize: 3, seeds: [7] }));
    expect(problems.map(({ field }) => field).sort()).toEqual(['agents', 'hidden', 'speed']);
  });

  test('of a link that breaks a rule of two fields, one of them not its own', () => {
    // The preset's warm-up of 1,000 does not fit: the field that is named is not in the link.
    const { config, kept, problems } = keepValid(['replayCapacity=100']);
    expect(kept).toEqual([]);
    expect(config).toEqual(makeConfig('solve'));
    expect(problems.map(({ message }) => message)).toEqual([
      'warmup: got 1000, allowed: at most replayCapacity (100)',
    ]);
  });

  test('the form shows texts that are read as the same configuration', () => {
    const config = makeConfig('report', { gridSize: 3 });
    const { preset, seeds, gridSize } = formValues(config);
    expect(readSettings([`preset=${preset}`, `seeds=${seeds}`, `gridSize=${gridSize}`]).config).toEqual(
      config,
    );
  });
});
