// Another Nest application that sends the same email to many recipients through a vendor.
//
// Environment: that of application.ts, CONNECTION_ID, BATCH (1 to send with sendBatch), LOAD
import { MailgunAdapter } from '@score-crm/adapter-mailgun';
import { PostmarkAdapter } from '@score-crm/adapter-postmark';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import { SparkpostAdapter } from '@score-crm/adapter-sparkpost';
import { measureBatchHere, measureHere } from '../callers.ts';
import { sameEmailTo } from '../email.ts';
import { CALLER, startApplication } from './application.ts';

const { CONNECTION_ID = '', BATCH = '0' } = process.env;

const adapters = [MailgunAdapter, PostmarkAdapter, SendgridAdapter, SparkpostAdapter];
const { application, sender } = await startApplication(adapters);
if (BATCH === '1') {
  await measureBatchHere(async (numbers) => {
    const outcomes = sender.sendBatch(CALLER, CONNECTION_ID, numbers.map(sameEmailTo));
    for await (const outcome of outcomes) if (!outcome.ok) throw outcome.error;
  });
} else {
  await measureHere((number) => sender.send(CALLER, CONNECTION_ID, sameEmailTo(number)));
}
await application.close();
