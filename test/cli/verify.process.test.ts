import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import { qmix, temporaryFolder } from './command.ts';

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
});
