import { randomBytes } from 'node:crypto';
import type { Answer, TestService } from './service.ts';
import type { TestSmtpServer } from './smtp-server.ts';
import { smtpConnection } from './smtp-settings.ts';

/** A message that every vendor takes. */
export const HELLO = {
  to: [{ email: 'ada@recipient.example', name: 'Ada' }],
  subject: 'Hello',
  text: 'Hello Ada',
};

/** Creates a connection. @returns its path */
export async function createConnection(service: TestService, body: object): Promise<string> {
  const created = await service.call('POST', '/api/v1/connections', { body });
  if (created.status !== 201) throw new Error(JSON.stringify(created.body));
  return `/api/v1/connections/${String(created.body.id)}`;
}

/** A connection to a mail server in clear. @returns its path */
export function connectTo(
  service: TestService,
  server: Pick<TestSmtpServer, 'port'> & Partial<Pick<TestSmtpServer, 'username' | 'password'>>,
): Promise<string> {
  const { port, username, password } = server;
  const login =
    password === undefined ? { authentication: 'none', username: undefined, password: undefined } : { username };
  return createConnection(
    service,
    smtpConnection(password ?? '', { host: '127.0.0.1', port, secure: false, ...login }),
  );
}

export function send(service: TestService, path: string, message: object = HELLO): Promise<Answer<any>> {
  return service.call('POST', `${path}/messages`, { body: message });
}

/** The events of a connection, newest first. */
export async function eventsOf(service: TestService, path: string, search = ''): Promise<any[]> {
  return (await service.call('GET', `${path}/events?limit=100${search}`)).body.data;
}

/** Bytes of every value, as attachments have them. */
export function anyBytes(length: number): Buffer {
  return Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, value) => value)), randomBytes(length - 256)]);
}
