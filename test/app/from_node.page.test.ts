import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { qmix, smallTrain, temporaryFolder } from '../cli/command.ts';
import { type OpenPage, openPage } from '../support/browser.ts';
import { PageDriver } from './page_driver.ts';

let open: OpenPage;
beforeAll(async () => {
  open = await openPage(inject('site'), 'index.html');
});
afterAll(() => open?.close());

test('the page takes a checkpoint of the command line, shows it, and goes on with it', async () => {
  const run = join(temporaryFolder(), 'run');
  const trained = await qmix(...smallTrain('--seeds', '3,5', '--updates', '60', '--out', run, '--json'));
  const { hash } = JSON.parse(trained.stdout);
  const driver = new PageDriver(open.page, open.url);
  await driver.visit();
  await driver.show('Runs');
  const input = (await open.page.$('#import-file')) as unknown as { uploadFile(path: string): Promise<void> };
  await input.uploadFile(join(run, 'checkpoint.safetensors'));
  const show = await open.page.waitForSelector('[aria-label^="Show "]:enabled');
  await show!.click();
  await driver.statusBegins('Finished after 60 updates');
  expect(await driver.finalHash()).toBe(hash);
  await driver.show('Settings');
  await driver.type('Updates', '90');
  await open.page.waitForFunction(() => location.search.includes('updates=90'));
  await driver.press('Start');
  expect(await driver.statusBegins('Finished, not solved: ')).toMatch(/after 90 updates$/);
  expect(open.takeErrors()).toEqual([]);
});
