/** Bad input: says which field, what it was and what is allowed. Shown to users without a stack. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}
