import { createHmac } from 'node:crypto';
import type { SMTPConnectionCustomAuthContext } from 'nodemailer/lib/smtp-connection';

/** The name under which `logIn` is registered with nodemailer; it is never sent. */
export const PASSWORD_LOGIN = 'PASSWORD';

interface Reply {
  readonly code: number;
  readonly text: string;
}

/** Sends a line and returns the server's reply. */
type Send = (line: string) => Promise<Reply>;
type Login = (send: Send, user: string, password: string) => Promise<Reply>;

// In order of preference. A server may offer a mechanism that it cannot use.
const MECHANISMS: readonly (readonly [name: string, login: Login])[] = [
  ['PLAIN', plain],
  ['LOGIN', login],
  ['CRAM-MD5', cramMd5],
];

/**
 * Logs in by username and password with the first mechanism that the server both offers and implements; for
 * nodemailer's `customAuth`. nodemailer's own login sends AUTH PLAIN, and so the password, even if EHLO did not offer
 * it, and tries only one mechanism. If the server offers none, it fails without a `response` and sends nothing.
 */
export async function logIn(context: SMTPConnectionCustomAuthContext): Promise<void> {
  const { user, pass } = context.auth.credentials;
  // nodemailer adds the last reply.
  const fail = (): void => context.reject(new Error('No login by username and password'));
  const send: Send = (line) =>
    new Promise((resolve) => {
      context.sendCommand(line, (_error, { response }) => {
        // nodemailer closes the connection in the same turn and reports that instead.
        if (response.startsWith('421')) fail();
        resolve({ code: Number(response.slice(0, 3)), text: response.slice(4).trim() });
      });
    });
  for (const [name, login] of MECHANISMS) {
    if (!context.authMethods.includes(name)) continue;
    const reply = await login(send, user, pass);
    if (reply.code >= 200 && reply.code < 300) return context.resolve();
    if (!isNotImplemented(reply)) break;
  }
  return fail();
}

async function plain(send: Send, user: string, password: string): Promise<Reply> {
  const response = base64(`\0${user}\0${password}`);
  const reply = await send(`AUTH PLAIN ${response}`);
  // A server that does not accept an initial response requests it.
  return reply.code === 334 ? send(response) : reply;
}

async function login(send: Send, user: string, password: string): Promise<Reply> {
  let reply = await send('AUTH LOGIN');
  if (reply.code === 334) reply = await send(base64(user));
  return reply.code === 334 ? send(base64(password)) : reply;
}

/** RFC 2195. */
async function cramMd5(send: Send, user: string, password: string): Promise<Reply> {
  const reply = await send('AUTH CRAM-MD5');
  if (reply.code !== 334) return reply;
  const digest = createHmac('md5', password).update(Buffer.from(reply.text, 'base64')).digest('hex');
  return send(base64(`${user} ${digest}`));
}

const JUDGES_THE_LOGIN = /\b5\.7\.8\b|password|credential|fail|denied|locked|blocked/i;

/**
 * Whether a reply to AUTH concerns only the mechanism: 504 (RFC 4954); 500, 502 and 503 if the command is not known;
 * 534 if it calls the mechanism too weak. A reply about the credentials is final, since another attempt could lock the
 * account.
 */
function isNotImplemented({ code, text }: Reply): boolean {
  if (JUDGES_THE_LOGIN.test(text)) return false;
  return [500, 502, 503, 504].includes(code) || (code === 534 && /mechanism/i.test(text));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
