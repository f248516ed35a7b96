import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Group } from '../../src/verify/bounds.ts';
import { useTestPage } from '../support/test_page.ts';
import { regressionBounds } from './measured.ts';

const files = readdirSync(new URL('../../src/verify/vectors', import.meta.url)).filter((name) =>
  name.endsWith('.safetensors'),
);
const call = useTestPage();

test.each(files)("Chromium's GPU is held to %s", async (file) => {
  const verdict = await call('verify', file);
  const beyond = verdict.tensors.filter(({ pass }) => !pass);
  expect({ pass: verdict.pass, beyond }).toEqual({ pass: true, beyond: [] });
  expect(verdict.tensors.length).toBeGreaterThan(0);
  for (const [group, bound] of Object.entries(regressionBounds(await call('adapter'), file) ?? {}))
    expect(verdict.worst[group as Group], `${group}: worse than it was`).toBeLessThan(bound);
});
