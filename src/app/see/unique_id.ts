let given = 0;

/** An id that no other element of the page has. */
export const uniqueId = (name: string): string => `${name}-${++given}`;
