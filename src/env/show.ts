/** Characters of a shown value, and entries of a shown list: a message stays one line that can be read. */
const MOST_CHARACTERS = 80;
const MOST_ENTRIES = 6;

/** A value that a module gave, for messages: short, on one line, and never an error, whatever the value is. */
export function show(value: unknown): string {
  try {
    return cut(showInside(value, 0));
  } catch {
    return 'an object that cannot be read';
  }
}

function showInside(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'undefined':
      return 'nothing';
    case 'string':
      return JSON.stringify(value.slice(0, MOST_CHARACTERS));
    case 'bigint':
      return `${value}n`;
    case 'function':
      return isClass(value) ? 'a class' : 'a function';
    case 'object':
      if (value === null) return 'null';
      if (isPromise(value)) return 'a promise';
      return depth > 2 ? '…' : showEntries(value, depth);
    default:
      return String(value);
  }
}

function showEntries(value: object, depth: number): string {
  const list = isList(value);
  const keys = list ? undefined : Object.keys(value);
  const count = list ? value.length : (keys as string[]).length;
  const shown: string[] = [];
  for (let index = 0; index < Math.min(count, MOST_ENTRIES); index++) {
    const key = keys?.[index];
    const entry = showInside((value as Record<string | number, unknown>)[key ?? index], depth + 1);
    shown.push(key === undefined ? entry : `${JSON.stringify(key)}:${entry}`);
  }
  if (count > MOST_ENTRIES) shown.push('…');
  return list ? `[${shown.join(',')}]` : `{${shown.join(',')}}`;
}

const cut = (text: string): string =>
  text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;

/** An array or a typed array. */
export const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

export const isClass = (value: unknown): boolean =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/**
 * What a module threw, for messages: `threw "no connection" (my.mjs:13:32)`. `url`: the module's, whose own lines
 * count before those of what it imports.
 */
export function describeThrown(error: unknown, url: string): string {
  try {
    if (typeof error !== 'object' || error === null || !('message' in error)) return `threw ${show(error)}`;
    const message = String(error.message)
      .replace(/\s+/g, ' ')
      .slice(0, 2 * MOST_CHARACTERS);
    const stack = 'stack' in error && typeof error.stack === 'string' ? error.stack : '';
    return `threw "${message}"${positionIn(stack, url)}`;
  } catch {
    return 'threw an object that cannot be read';
  }
}

/** ` (my.mjs:13:32)`: the innermost line of the module in a stack, or of another file of the user; empty: none. */
function positionIn(stack: string, url: string): string {
  const places = [...stack.matchAll(/(file:\/\/[^\s)]+?)(?:\?[^\s):]*)?(:\d+:\d+)/g)];
  const place = places.find(([, file]) => file === url) ?? places[0];
  if (!place) return '';
  const [, file, position] = place;
  return ` (${decodeURIComponent(file.slice(file.lastIndexOf('/') + 1))}${position})`;
}
