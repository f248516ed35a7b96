import { spawn } from 'node:child_process';

export interface RunOptions {
  /** The command is ended when it has run this long. */
  readonly limitSeconds?: number;
  /** The command is ended when it has been silent this long. */
  readonly silenceSeconds?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Receives each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  /** 0 only where the command ended well; −1 where it could not start or was ended for a limit. */
  readonly code: number;
  /** The end of standard output and standard error together. */
  readonly output: string;
}

const KEPT_CHARACTERS = 8000;

/** Runs a command without input to its end. Never throws: a command that cannot start has code −1. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    let output = '';
    let ended = '';
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.environment },
    });
    const end = (why: string) => {
      ended = why;
      child.kill('SIGKILL');
    };
    const after = (seconds: number | undefined, why: string) =>
      seconds === undefined ? undefined : setTimeout(end, seconds * 1000, `${why} ${seconds} s`);
    const limit = after(options.limitSeconds, 'not finished after');
    let silence = after(options.silenceSeconds, 'no sign of progress for');

    let line = '';
    const collect = (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
      if (silence) {
        clearTimeout(silence);
        silence = after(options.silenceSeconds, 'no sign of progress for');
      }
    };
    child.stderr.setEncoding('utf8').on('data', collect);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      collect(text);
      const lines = (line + text).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) options.onLine?.(whole);
    });
    const finish = (code: number, why = '') => {
      clearTimeout(limit);
      clearTimeout(silence);
      resolve({ code, output: why ? `${output}\n${why}` : output });
    };
    child.on('error', (error) => finish(-1, error.message));
    child.on('close', (code, signal) => {
      if (ended) finish(-1, ended);
      else finish(code ?? -1, signal ? `ended by ${signal}` : '');
    });
  });
}
