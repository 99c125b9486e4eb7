// A name server for tests.
import { isIP, type LookupFunction } from "node:net";

/** Resolves every name to the same addresses. */
export const lookupOf =
  (...addresses: string[]): LookupFunction =>
  (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: isIP(address) })),
    );
