import type { Socket } from 'node:net';
import { AdapterError, type AdapterErrorCode, type OutboundConnector } from '@score-crm/adapter-kit';
import type { SmtpSettings } from '../settings/smtp.settings.ts';
import { TIME_LIMITS } from './time-limits.ts';

/**
 * Connects through the outbound policy. nodemailer uses the socket and encrypts it, also with implicit TLS.
 * @throws AdapterError at the stage `connect`
 */
export async function openSocket(
  connector: OutboundConnector,
  settings: SmtpSettings,
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = await connector
    .connect({
      host: settings.host,
      port: settings.port,
      timeoutMs: TIME_LIMITS.connect,
      ...(signal === undefined ? {} : { signal }),
    })
    .catch((error: unknown) => {
      throw pointed(error);
    });
  // Until nodemailer listens, an error without a listener would end the process.
  return socket.on('error', () => undefined);
}

const POINTERS: Readonly<Partial<Record<AdapterErrorCode, string>>> = {
  address_forbidden: '/settings/host',
  port_forbidden: '/settings/port',
};

/** The same error, with the pointer of the setting concerned. */
function pointed(error: unknown): unknown {
  const pointer = error instanceof AdapterError ? POINTERS[error.details.code] : undefined;
  return pointer === undefined ? error : new AdapterError({ ...(error as AdapterError).details, pointer });
}
