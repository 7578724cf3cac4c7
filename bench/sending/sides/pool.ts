// nodemailer's own pool, with the version that the adapter has.
//
// Environment: SMTP_PORT, SOCKETS, LOAD
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../../support/process.ts';
import { measureHere } from '../callers.ts';
import { emailOf } from '../email.ts';

const ofAdapter = createRequire(join(ROOT, 'libs/adapter-smtp/package.json'));
const nodemailer = ofAdapter('nodemailer') as {
  createTransport(options: object): { sendMail(email: object): Promise<unknown>; close(): void };
};

const transport = nodemailer.createTransport({
  pool: true,
  host: '127.0.0.1',
  port: Number(process.env['SMTP_PORT']),
  secure: false,
  maxConnections: Number(process.env['SOCKETS']),
  auth: { user: 'user', pass: 'password' },
});

await measureHere((number) => {
  const { from, to, ...rest } = emailOf(number);
  const address = ({ email, name }: { email: string; name: string }) => ({ address: email, name });
  return transport.sendMail({ from: address(from), to: to.map(address), ...rest });
});
transport.close();
