import type { Socket } from 'node:net';
import type { OutboundConnector } from '@score-crm/adapter-kit';
import type { SmtpSettings } from '../settings/smtp.settings.ts';
import { encryptionOf, tlsOptions } from './encryption.ts';
import { secureSocket } from './secure-socket.ts';
import { TIME_LIMITS } from './time-limits.ts';

/** A socket as nodemailer's `getSocket` hands it over; `secured` says that TLS is already spoken on it. */
export interface OpenSocket {
  readonly connection: Socket;
  readonly secured: boolean;
}

/**
 * Connects through the outbound policy and, for implicit TLS, encrypts.
 * @throws AdapterError of the stages `connect` and `tls`
 */
export async function openSocket(
  connector: OutboundConnector,
  settings: SmtpSettings,
  signal?: AbortSignal,
): Promise<OpenSocket> {
  const socket = await connector.connect({
    host: settings.host,
    port: settings.port,
    timeoutMs: TIME_LIMITS.connect,
    ...(signal === undefined ? {} : { signal }),
  });
  // Between here and nodemailer nobody listens, and an unheard error would end the process.
  socket.on('error', () => undefined);
  if (encryptionOf(settings) !== 'implicit') return { connection: socket, secured: false };
  return { connection: await secureSocket(socket, tlsOptions(settings), signal), secured: true };
}
