// Another Nest application that imports the module and sends through it.
//
// Environment: that of application.ts, CONNECTION_ID, KEYS (1 to send with idempotency keys), LOAD
import { SmtpAdapter } from '@score-crm/adapter-smtp';
import { measureHere } from '../callers.ts';
import { emailOf } from '../email.ts';
import { CALLER, startApplication } from './application.ts';

const { CONNECTION_ID = '', KEYS = '0' } = process.env;

const { application, sender } = await startApplication([SmtpAdapter]);
await measureHere((number) => {
  const options = KEYS === '1' ? { idempotencyKey: String(number) } : {};
  return sender.send(CALLER, CONNECTION_ID, emailOf(number), options);
});
await application.close();
