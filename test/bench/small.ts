/** Networks as small as they compile soonest: what is counted does not depend on their widths. */
export const SMALL_NETWORKS = { hidden: 4, mixerWidth: 4, hyperHidden: 4, batchSize: 1 } as const;
