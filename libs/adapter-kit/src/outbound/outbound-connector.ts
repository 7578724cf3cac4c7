import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { AdapterError } from '../errors/adapter-error.ts';
import { abortedError, connectError, connectErrorOf, refusedError } from './connect-error.ts';
import { assertPermitted, guardedLookup, OutboundPolicy, type OutboundTarget } from './outbound-policy.ts';

/** Options of every call to a vendor. */
export interface CallOptions {
  /**
   * Aborts the call. The promise then rejects (for `diagnose`: the diagnosis fails) with the code `aborted` or
   * `timeout`.
   */
  readonly signal?: AbortSignal;
  /**
   * Lets calls with equal settings share sockets. It must change whenever the settings change. Without a key, no socket
   * stays open after the call.
   */
  readonly poolKey?: string;
}

export interface ConnectTarget {
  readonly host: string;
  readonly port: number;
  /** Time limit for name lookup and connecting together, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Opens sockets to the mail servers that tenants configure, only to addresses and ports that the outbound policy
 * permits.
 */
@Injectable()
export class OutboundConnector {
  constructor(private readonly policy: OutboundPolicy) {}

  /**
   * Returns the error that `connect` would throw because of the policy, as far as it can be decided before the name is
   * resolved.
   */
  refusal(host: string, port: number): AdapterError | undefined {
    const code = this.policy.refusalUnresolved(targetOf(host, port));
    return code === undefined ? undefined : refusedError(code, this.policy.settingNames[code]);
  }

  /**
   * Opens a TCP connection. A socket that fails later closes even without an `error` listener.
   *
   * @throws AdapterError at the stage `connect`: `host_not_found`, `address_forbidden`, `port_forbidden`,
   *   `connection_refused`, `connection_timeout`, `host_unreachable`, `timeout` or `aborted`; at the stage `settings`:
   *   `invalid_request` for a port that does not exist
   */
  async connect({ host, port, timeoutMs, signal }: ConnectTarget): Promise<Socket> {
    const deadline = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
    let socket: Socket | undefined;
    try {
      either.throwIfAborted();
      const target = targetOf(host, port);
      assertPermitted(this.policy, target);
      socket = connect({ host, port, lookup: guardedLookup(this.policy, target), autoSelectFamily: true });
      // A reset before the caller listens must not end the process.
      socket.on('error', () => undefined);
      await once(socket, 'connect', { signal: either });
      return socket;
    } catch (error) {
      socket?.destroy();
      if (signal?.aborted === true) throw abortedError(signal);
      throw deadline.aborted ? connectErrorOf('connection_timeout') : connectError(error);
    }
  }
}

function targetOf(host: string, port: number): OutboundTarget {
  return { protocol: 'smtp', host: host.replace(/^\[(.*)\]$/, '$1'), port };
}
