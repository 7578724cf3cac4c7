import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** What a real mail server is set up with for tests; Postfix and Exim are set up alike. */
export const ACCOUNT = { username: 'relay', password: 'correct horse battery staple' } as const;
/** Where an account may send from, and what it may not. */
export const SENDERS = {
  allowed: 'news@sender.example',
  notOwned: 'forbidden@sender.example',
  unknownDomain: 'news@unknown.example',
} as const;
export const RECIPIENTS = { known: 'ada@recipient.example', international: 'jürgen@recipient.example' } as const;
export const REFUSED_HELO = 'helo.refused.example';
export const MAX_BYTES = 20_000;

/** A real mail server on ports of 127.0.0.1. What it accepts goes nowhere. */
export interface RealMailServer {
  /** Unencrypted, and with STARTTLS. */
  readonly port: number;
  readonly implicitTlsPort: number;
  /** Has no SMTPUTF8, and refuses messages that are too large only when they have come. */
  readonly plainPort: number;
  /** Ends it, and removes what it wrote. */
  stop(): Promise<void>;
}

/** The folder that the programs were unpacked to, now if they were not before. */
export function mailServerPackages(): string {
  const folder = resolve('node_modules/.cache/mail-servers');
  if (process.getuid?.() !== 0)
    throw new Error('The tests against Postfix and Exim need root. Run them in a container.');
  try {
    execFileSync('bash', ['scripts/unpack-mail-servers.sh', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    throw new Error('Postfix and Exim could not be unpacked. The tests need Debian and its package mirror.', { cause });
  }
  return folder;
}

/** A new folder that the users of mail servers may enter. */
export function mailServerFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `score-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}
