import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { abortedError } from '@score-crm/adapter-kit';
import { connectionClosed, handshakeError, handshakeTimedOut } from '../errors/connection-error.ts';
import { TIME_LIMITS } from './time-limits.ts';

/**
 * Encrypts a connected socket from its first byte. Done here and not by nodemailer, so that the stage is known and
 * Node's own error code decides what a failure means.
 * @throws AdapterError of the stage `tls`
 */
export async function secureSocket(
  socket: Socket,
  options: ConnectionOptions,
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const deadline = AbortSignal.timeout(TIME_LIMITS.handshake);
  const secured = connect({ ...options, socket });
  secured.on('error', () => undefined);
  try {
    await once(secured, 'secureConnect', {
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    });
    return secured;
  } catch (error) {
    secured.destroy();
    socket.destroy();
    if (signal?.aborted === true) throw abortedError(signal, 'tls');
    if (deadline.aborted) throw handshakeTimedOut();
    throw handshakeError(error) ?? connectionClosed('tls');
  }
}
