// The files of this package, for whatever of its code asks: an address holds only for modules of this one folder.

/** @param path from the package's folder */
export function ownFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}
