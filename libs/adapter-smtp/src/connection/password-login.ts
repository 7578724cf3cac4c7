import { createHmac } from 'node:crypto';
import type { SMTPConnectionCustomAuthContext } from 'nodemailer/lib/smtp-connection';

/** The name under which `logIn` is registered with nodemailer; it is never sent. */
export const PASSWORD_LOGIN = 'PASSWORD';

interface Reply {
  readonly code: number;
  readonly text: string;
}

/** Sends a line, and returns what the server replies to it. */
type Say = (line: string) => Promise<Reply>;
type Login = (say: Say, user: string, password: string) => Promise<Reply>;

// In order of preference. A server that cannot do one of them may well offer it.
const MECHANISMS: readonly (readonly [name: string, login: Login])[] = [
  ['PLAIN', plain],
  ['LOGIN', login],
  ['CRAM-MD5', cramMd5],
];

/**
 * Logs in by user name and password with the first mechanism that the server both offers and implements; for nodemailer's
 * `customAuth`. nodemailer's own login sends AUTH PLAIN, and so the password, also where EHLO offered no such thing, and it
 * tries one mechanism only. Fails without a `response` where the server offers none, and nothing is sent then.
 */
export async function logIn(context: SMTPConnectionCustomAuthContext): Promise<void> {
  const { user, pass } = context.auth.credentials;
  // nodemailer adds the last reply.
  const fail = (): void => context.reject(new Error('No login by user name and password'));
  const say: Say = (line) =>
    new Promise((resolve) => {
      context.sendCommand(line, (_error, { response }) => {
        // nodemailer closes the connection in the same turn, and reports that instead.
        if (response.startsWith('421')) fail();
        resolve({ code: Number(response.slice(0, 3)), text: response.slice(4).trim() });
      });
    });
  for (const [name, login] of MECHANISMS) {
    if (!context.authMethods.includes(name)) continue;
    const reply = await login(say, user, pass);
    if (reply.code >= 200 && reply.code < 300) return context.resolve();
    if (!isNotImplemented(reply)) break;
  }
  return fail();
}

async function plain(say: Say, user: string, password: string): Promise<Reply> {
  const response = base64(`\0${user}\0${password}`);
  const reply = await say(`AUTH PLAIN ${response}`);
  // A server that does not accept an initial response asks for it.
  return reply.code === 334 ? say(response) : reply;
}

async function login(say: Say, user: string, password: string): Promise<Reply> {
  let reply = await say('AUTH LOGIN');
  if (reply.code === 334) reply = await say(base64(user));
  return reply.code === 334 ? say(base64(password)) : reply;
}

/** RFC 2195. */
async function cramMd5(say: Say, user: string, password: string): Promise<Reply> {
  const reply = await say('AUTH CRAM-MD5');
  if (reply.code !== 334) return reply;
  const digest = createHmac('md5', password).update(Buffer.from(reply.text, 'base64')).digest('hex');
  return say(base64(`${user} ${digest}`));
}

const JUDGES_THE_LOGIN = /\b5\.7\.8\b|password|credential|fail|denied|locked|blocked/i;

/**
 * Whether a reply to AUTH concerns the mechanism alone: 504 (RFC 4954), 500, 502 and 503 where the command is not known,
 * 534 where it calls the mechanism too weak. A reply that judges the login is final, since another attempt could lock
 * the account.
 */
function isNotImplemented({ code, text }: Reply): boolean {
  if (JUDGES_THE_LOGIN.test(text)) return false;
  return [500, 502, 503, 504].includes(code) || (code === 534 && /mechanism/i.test(text));
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
