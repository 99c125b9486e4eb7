// How a listener speaks TLS, and reading the files that say so.
import type { SecureContextOptions, SecureVersion } from "node:tls";
import { tlsModule } from "./tls-module.ts";

/** A certificate with its key. */
export interface CertificateFiles {
  /** Path of the certificate, with the chain behind it, in PEM. */
  readonly cert: string;
  /** Path of its key, in PEM. */
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/** TLS of a listener. Paths are read when the host opens, and again on {@link ServiceHost.reloadTls}. */
export interface TlsOptions extends CertificateFiles {
  /** Certificates by the name the client asks for. `*.example.com` stands for one label. Others get the one above. */
  readonly names?: Readonly<Record<string, CertificateFiles>> | undefined;
  /** Protocols offered through ALPN, best first. A client that offers none of them is refused. */
  readonly alpn?: readonly string[] | undefined;
  /** Path of the authorities that client certificates are checked against. */
  readonly ca?: string | undefined;
  /** Whether a client shows a certificate: never, if it likes, or only with a valid one. Default "ignore". */
  readonly clientCertificate?: "ignore" | "request" | "require" | undefined;
  /**
   * 48 bytes every unit shares, so that a session begun in one is resumed in any other. Default: each makes its own, and
   * sessions are resumed only where they began.
   */
  readonly ticketKeys?: Uint8Array | undefined;
  /** Default "TLSv1.2". */
  readonly minVersion?: SecureVersion | undefined;
}

/** The files of a certificate hold none, or its key does not belong to it. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  readonly code = "ERR_PLAIT_CERTIFICATE";

  constructor({ cert, key }: CertificateFiles, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `The certificate ${cert} with the key ${key} can't be used: ${why}. Check that both are PEM and belong together.`,
      { cause },
    );
  }
}

/**
 * Reads the files of one certificate.
 *
 * @throws {CertificateError} They hold none that could be used.
 * @throws The file system's error when one is missing.
 */
export async function readCertificate(files: CertificateFiles): Promise<SecureContextOptions> {
  const [cert, key] = await Promise.all([readBytes(files.cert), readBytes(files.key)]);
  const options = { cert, key, ...(files.passphrase === undefined ? {} : { passphrase: files.passphrase }) };
  try {
    tlsModule().createSecureContext(options);
  } catch (error) {
    throw new CertificateError(files, error);
  }
  return options;
}

/** Reads a file. Asks for the module, as {@link tlsModule} does: most threads read none. */
export function readBytes(path: string): Promise<Buffer> {
  return process.getBuiltinModule("node:fs/promises").readFile(path);
}
