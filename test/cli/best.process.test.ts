import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/safetensors.ts';
import { parseRows } from '../../src/train/metrics.ts';
import { qmix, smallTrain, temporaryFolder } from './command.ts';

describe('best parameters', () => {
  it('are played and exported by name; all else is of the last', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    const trained = await qmix(...smallTrain('--seeds', '3,5', '--updates', '200', '--out', run));
    expect(trained.code).toBe(0);
    const { seeds } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
    const rows = parseRows(readFileSync(join(run, 'metrics.csv'), 'utf8'));
    const best = JSON.parse((await qmix('evaluate', run, '--best', '--exhaustive', '--json')).stdout);
    const last = JSON.parse((await qmix('evaluate', run, '--exhaustive', '--json')).stdout);
    expect([best.parameters, last.parameters]).toEqual(['best', 'last']);
    for (const [index, { seed, best: told }] of seeds.entries()) {
      const row = rows.find(
        (own) => own.seed === seed && own.kind === 'evaluation' && own.updates === told.updates,
      )!;
      expect(told).toEqual({
        updates: row.updates,
        success: row.success,
        lengthRatio: Number.isFinite(row.lengthRatio) ? row.lengthRatio : null,
        return: row.return,
        chosenOn: 'the starts that evaluations play',
      });
      expect(best.seeds[index].success).toBe(row.success);
      expect(last.seeds[index].success).toBe(seeds[index].success);
      expect(last.seeds[index].hash).toBe(seeds[index].hash);
      expect(best.seeds[index].hash).not.toBe(seeds[index].hash);
    }
    const text = await qmix('evaluate', run, '--best');
    expect(text.stdout).toContain("each learner's best, of update ");

    const { tensors } = decodeSafetensors(readFileSync(join(run, 'checkpoint.safetensors')), 'run');
    for (const [option, copy] of [
      ['--best', 'best'],
      ['--json', 'online'],
    ]) {
      const file = join(folder, `${copy}.safetensors`);
      expect((await qmix('export', run, '--out', file, option)).code).toBe(0);
      const exported = decodeSafetensors(readFileSync(file), file);
      expect(exported.metadata).toMatchObject({ format: 'pt', environment: 'meeting-gridworld' });
      expect([...exported.tensors.keys()].filter((name) => name.includes('agents.0.0'))).toEqual([
        'seeds.3.agents.0.0.weight',
        'seeds.3.agents.0.0.bias',
        'seeds.5.agents.0.0.weight',
        'seeds.5.agents.0.0.bias',
      ]);
      for (const [name, { data }] of exported.tensors) {
        expect(name, 'a parameter').toMatch(/\.(weight|bias)$/);
        const [, seed, ...parameter] = name.split('.');
        const whole = tensors.get(`seeds.${seed}.${copy}.${parameter.join('.')}`)!;
        expect(data).toEqual(Float32Array.from(whole.data));
      }
    }
    const again = await qmix('export', run, '--out', join(folder, 'best.safetensors'));
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('which exists; allowed: a new file');
  });

  it('are refused where there was no evaluation, and of one learner have the names of its networks', async () => {
    const folder = temporaryFolder();
    const run = join(folder, 'run');
    await qmix(...smallTrain('--seeds', '3', '--updates', '9', '--out', run));
    for (const command of [
      ['evaluate', run, '--best'],
      ['export', run, '--best', '--out', join(folder, 'x.safetensors')],
    ]) {
      const { code, stderr } = await qmix(...command);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: --best: .* had no evaluation on the way \(evaluateEvery\), allowed: its last parameters\n$/,
      );
    }
    const file = join(folder, 'one.safetensors');
    await qmix('export', run, '--out', file);
    expect(decodeSafetensors(readFileSync(file), file).tensors.get('agents.0.0.weight')!.shape).toEqual([
      6, 6,
    ]);
  });
});
