import { AdapterError, jsonPointer, type MemberPath, type Stage } from '@score-crm/adapter-kit';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** The extensions that a message requires, each with the message member that needs it. */
export interface NeededExtensions {
  /** RFC 6531: non-ASCII addresses or message ids. */
  readonly smtpUtf8?: MemberPath;
  /** RFC 6152: an attached message with non-ASCII bytes, which must not be encoded again. */
  readonly eightBitMime?: MemberPath;
}

interface Envelope {
  readonly needs?: NeededExtensions;
}

/** Members that nodemailer's types omit. test/wire-form.spec.ts fails if a new version no longer has them. */
interface Internals {
  /** What the server offered in its reply to EHLO. */
  readonly _supportedExtensions: readonly string[];
  _setEnvelope(envelope: Envelope, callback: (error: Error | null, info?: unknown) => void): void;
  _sendCommand(command: string, ...rest: readonly unknown[]): void;
}

/** A message that the server cannot accept, detected before any of it was sent. The conversation can continue. */
export class MissingExtensionError extends Error {
  override readonly name = 'MissingExtensionError';
  /** nodemailer's code for a refused message, after which its pool keeps the connection. */
  readonly code = 'EENVELOPE';

  constructor(readonly refusal: AdapterError) {
    super(refusal.message);
  }
}

/**
 * Declares to the server what a message needs, and refuses the message if the server does not offer it. nodemailer
 * itself would send such a message anyway; it checks only the envelope.
 */
export function declareExtensions(connection: SMTPConnection): void {
  const internals = connection as unknown as Internals;
  const setEnvelope = internals._setEnvelope.bind(connection);
  const sendCommand = internals._sendCommand.bind(connection);
  let needs: NeededExtensions = {};
  internals._setEnvelope = (envelope, callback) => {
    needs = envelope.needs ?? {};
    const refusal = missing(needs, internals._supportedExtensions);
    if (refusal === undefined) setEnvelope(envelope, callback);
    else setImmediate(() => callback(new MissingExtensionError(refusal)));
  };
  internals._sendCommand = (command, ...rest) => {
    const isUndeclared =
      needs.smtpUtf8 !== undefined && command.startsWith('MAIL FROM:') && !/ SMTPUTF8\b/.test(command);
    sendCommand(isUndeclared ? `${command} SMTPUTF8` : command, ...rest);
  };
}

function missing({ smtpUtf8, eightBitMime }: NeededExtensions, offered: readonly string[]): AdapterError | undefined {
  if (smtpUtf8 !== undefined && !offered.includes('SMTPUTF8')) {
    const what = smtpUtf8[0] === 'headers' ? 'message IDs' : 'addresses';
    return unsupported(smtpUtf8, `The server does not support non-ASCII ${what} (SMTPUTF8). Use a different one.`);
  }
  if (eightBitMime !== undefined && !offered.includes('8BITMIME')) {
    const hint =
      'The server does not support non-ASCII bytes in an attached message (8BITMIME). Attach it as application/octet-stream.';
    return unsupported(eightBitMime, hint);
  }
  return undefined;
}

function unsupported(path: MemberPath, hint: string): AdapterError {
  const stage: Stage = path[0] === 'from' ? 'sender' : 'message';
  return new AdapterError({
    stage,
    code: 'unsupported',
    fault: 'sender',
    retryable: false,
    hint,
    pointer: jsonPointer(...path),
  });
}
