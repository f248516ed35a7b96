/**
 * Files of the page are named by their content: once a newer version is on the server, those of an older one are gone.
 * The browser does not tell this from a server that cannot be reached.
 */
export const NEWER_VERSION =
  'the server has a newer version of this page, or cannot be reached. Reload the page; runs that are kept stay';

/** Why a worker cannot work. An error without a message says that its file could not be loaded. */
export const workerFault = ({ message }: ErrorEvent): string =>
  message || `the worker could not be loaded: ${NEWER_VERSION}`;
