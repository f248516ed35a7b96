import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useTestPage } from '../support/test_page.ts';

const files = readdirSync(new URL('../../src/verify/vectors', import.meta.url)).filter((name) =>
  name.endsWith('.safetensors'),
);
const call = useTestPage();

test.each(files)("Chromium's GPU is held to %s", async (file) => {
  const verdict = await call('verify', file);
  const beyond = verdict.tensors.filter(({ pass }) => !pass);
  expect({ pass: verdict.pass, beyond }).toEqual({ pass: true, beyond: [] });
  expect(verdict.tensors.length).toBeGreaterThan(0);
});
