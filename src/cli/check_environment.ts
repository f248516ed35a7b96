import type { CheckReport } from '../env/check.ts';
import { faultText } from '../env/faults.ts';
import type { UserModule } from '../env/user_module.ts';
import { openModule } from '../node/module_worker.ts';
import { closeEnvironments, openFile } from '../train/environments.ts';
import { print, printJson, say } from './output.ts';
import { count } from './summary.ts';

/**
 * Plays a user's environment at random and says which rule it breaks. Returns the exit code. Throws ConfigError for
 * what is no module.
 */
export async function checkEnvironmentFile(file: string, { json }: { json?: boolean }): Promise<number> {
  try {
    const module = await openFile(file, openModule, say);
    const report = await module.check();
    if (json) printJson(asJson(file, module, report));
    else print(asText(file, module, report));
    return report.broken ? 1 : 0;
  } finally {
    await closeEnvironments();
  }
}

function asJson(file: string, { fingerprint }: UserModule, { broken, sizes, ...report }: CheckReport) {
  return { file, fingerprint, broken: broken ?? null, ...report, sizes: sizes ?? null };
}

function asText(file: string, { fingerprint }: UserModule, report: CheckReport): string {
  const { broken, advice, sizes, episodes, steps, successes } = report;
  const lines = broken
    ? [`${file} breaks a rule of environments: ${faultText(broken)}`]
    : [
        `${file} keeps the rules: ${count(episodes)} random episodes, ${count(steps)} steps, ${count(successes)} of ` +
          'the episodes a success',
      ];
  for (const each of advice) lines.push(`advice: ${faultText(each)}`);
  if (sizes) {
    const { agents, actions, observationSize, stateSize, episodeLimit, masked } = sizes;
    lines.push(
      `agents ${agents}, actions ${count(actions)}${masked ? ' (masked)' : ''}, observation ` +
        `${count(observationSize)}, state ${count(stateSize)}, at most ${count(episodeLimit)} steps an episode`,
    );
  }
  lines.push(`SHA-256 ${fingerprint}`);
  return `${lines.join('\n')}\n`;
}
