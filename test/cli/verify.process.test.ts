import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import { NAN_PLACES } from '../verify/altered.ts';
import { qmix, temporaryFolder } from './command.ts';

const FILE = 'src/verify/vectors/odd-sizes.safetensors';

interface Outcome {
  readonly file: string;
  readonly pass: boolean;
  readonly note: string;
}

const SOUND = 'src/verify/vectors/ps-dqn.safetensors';

describe('verify', () => {
  it('says of a file that passes its worst errors, tensor by tensor, and ends with 0', async () => {
    const { code, stdout } = await qmix('verify', SOUND);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ps-dqn\.safetensors(?: +\d\.\de-\d+){4} +0\.0e\+0$/m);
    expect(stdout).toMatch(/: 1 of 1 files pass\n$/);
  });

  it('ends with 1 where a file has a number that is not the update’s, and names the tensor', async () => {
    const { tensors, metadata } = decodeSafetensors(readFileSync(SOUND), SOUND);
    (tensors.get('expect.q_tot')!.data as Float32Array)[0] += 1;
    const wrong = join(temporaryFolder(), 'wrong.safetensors');
    writeFileSync(wrong, encodeSafetensors(tensors, metadata));
    const { code, stdout } = await qmix('verify', SOUND, wrong, '--json');
    expect(code).toBe(1);
    expect(stdout.indexOf('\n')).toBe(stdout.length - 1);
    const { pass, files, adapter } = JSON.parse(stdout);
    expect([pass, files.map((file: { pass: boolean }) => file.pass)]).toEqual([false, [true, false]]);
    expect(files[1].note).toBe('out of bounds: q_tot');
    expect(adapter).not.toBe('');
  });

  it('refuses every file that holds a NaN, by the number, and verifies the others', async () => {
    const folder = temporaryFolder();
    const files = NAN_PLACES.map(([name, at], index) => {
      const { tensors, metadata } = decodeSafetensors(readFileSync(FILE), FILE);
      tensors.get(name)!.data[at] = Number.NaN;
      const file = join(folder, `${index}.safetensors`);
      writeFileSync(file, encodeSafetensors(tensors, metadata));
      return file;
    });
    const { code, stdout } = await qmix('verify', '--json', ...files.slice(0, 5), FILE, ...files.slice(5));
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.pass).toBe(false);
    const [refused, verified] = [false, true].map((pass) =>
      report.files.filter((each: Outcome) => each.pass === pass),
    );
    expect(verified.map((each: Outcome) => each.file)).toEqual(['odd-sizes.safetensors']);
    expect(refused).toHaveLength(NAN_PLACES.length);
    for (const [index, [name]] of NAN_PLACES.entries()) {
      expect(refused[index].note).toMatch(`${index}.safetensors: ${name}[`);
      expect(refused[index].note).toMatch(/\[[\d, ]+\]: got NaN, allowed: finite numbers$/);
    }
  });
});
