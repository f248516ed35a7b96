import type { VectorSource } from './verify_protocol.ts';

/** Addresses alone: a file is fetched when it is verified, and not before. */
const urls = import.meta.glob('../../verify/vectors/*.safetensors', {
  query: '?url',
  import: 'default',
  eager: true,
}) as Readonly<Record<string, string>>;

/** The vector files that come with the project, by name. */
export const SHIPPED_VECTORS: readonly VectorSource[] = Object.entries(urls)
  .map(([path, url]) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    // As the worker would take it from its own place.
    url: new URL(url, document.baseURI).href,
  }))
  .sort((a, b) => (a.name < b.name ? -1 : 1));
