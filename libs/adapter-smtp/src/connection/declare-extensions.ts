import { AdapterError, jsonPointer, type MemberPath, type Stage } from '@score-crm/adapter-kit';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';

/** The extensions that a message cannot be sent without, each with the member of the message that needs it. */
export interface NeededExtensions {
  /** RFC 6531: addresses or message ids beyond ASCII. */
  readonly smtpUtf8?: MemberPath;
  /** RFC 6152: an attached message with bytes beyond ASCII, which must not be encoded again. */
  readonly eightBitMime?: MemberPath;
}

interface Envelope {
  readonly needs?: NeededExtensions;
}

/** What nodemailer's types leave out. test/wire-form.spec.ts fails if a new version no longer has it. */
interface Internals {
  /** What the server offered in its reply to EHLO. */
  readonly _supportedExtensions: readonly string[];
  _setEnvelope(envelope: Envelope, callback: (error: Error | null, info?: unknown) => void): void;
  _sendCommand(command: string, ...rest: readonly unknown[]): void;
}

/** A message that the server cannot accept, found before any of it was sent; the conversation can continue. */
export class MissingExtensionError extends Error {
  override readonly name = 'MissingExtensionError';
  /** nodemailer's code of a refused message, after which its pool keeps the connection. */
  readonly code = 'EENVELOPE';

  constructor(readonly refusal: AdapterError) {
    super(refusal.message);
  }
}

/**
 * Declares to the server what a message needs, and refuses the message where the server does not offer it. nodemailer itself
 * would send such a message anyway, and checks only the envelope.
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
    const what = smtpUtf8[0] === 'headers' ? 'message ids' : 'addresses';
    return unsupported(
      smtpUtf8,
      `The server does not support ${what} with letters beyond ASCII (SMTPUTF8). Use another one.`,
    );
  }
  if (eightBitMime !== undefined && !offered.includes('8BITMIME')) {
    const hint =
      'The server does not support bytes beyond ASCII in an attached message (8BITMIME). Attach it as application/octet-stream.';
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
