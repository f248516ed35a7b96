import { checkModule } from '../train/environments.ts';
import { count } from './summary.ts';

/** Plays a user's environment at random and says which rule it breaks. Returns the exit code. Throws ConfigError for what is no module. */
export async function checkEnvironmentFile(file: string, { json }: { json?: boolean }): Promise<number> {
  const { broken, ...played } = await checkModule(file);
  if (json) {
    process.stdout.write(`${JSON.stringify({ file, broken: broken ?? null, ...played })}\n`);
  } else if (broken) {
    process.stdout.write(`${file} breaks a rule of environments: ${broken.rule}: ${broken.found}\n`);
  } else {
    const { episodes, steps, successes } = played;
    process.stdout.write(
      `${file} keeps the rules: ${count(episodes)} random episodes, ${count(steps)} steps, ${count(successes)} of ` +
        `the episodes a success\n`,
    );
  }
  return broken ? 1 : 0;
}
