import type { EnvironmentFactory } from '../single_env.ts';

declare const makePlates: EnvironmentFactory;
export default makePlates;
