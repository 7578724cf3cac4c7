import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { HttpClient, OutboundPolicy, VendorEndpoints, type WebhookReceiver } from '@score-crm/adapter-kit';
import { MailgunAdapter } from '@score-crm/adapter-mailgun';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import { SmtpcomAdapter } from '@score-crm/adapter-smtpcom';
import { SparkpostAdapter } from '@score-crm/adapter-sparkpost';

const http = new HttpClient(new OutboundPolicy());
const endpoints = new VendorEndpoints({});
const RECEIVERS: Readonly<Record<string, WebhookReceiver>> = {
  mailgun: new MailgunAdapter(http, endpoints).webhooks,
  sendgrid: new SendgridAdapter(http, endpoints).webhooks,
  smtpcom: new SmtpcomAdapter(http, endpoints).webhooks,
  sparkpost: new SparkpostAdapter(http, endpoints).webhooks,
};
/** What addresses of this vendor may say beside. */
const QUERIES: Readonly<Record<string, readonly Record<string, string>[]>> = {
  smtpcom: [{}, { event: 'complained' }, { event: 'hard_bounced' }],
};

/** The posts of a vendor in which there is at least one event that it reads itself. */
function postsOf(vendor: string): readonly (readonly [name: string, body: Buffer])[] {
  const folder = new URL(`../libs/adapter-${vendor}/test/fixtures/`, import.meta.url);
  const receiver = RECEIVERS[vendor];
  return readdirSync(folder)
    .filter((file) => /\.(?:json|raw)$/.test(file) && !/\.(?:expected|request)\.json$/.test(file))
    .map((file) => [file, readFileSync(new URL(file, folder))] as const)
    .filter(([, body]) => receiver !== undefined && readable(receiver, body, {}).some(Boolean));
}

/** Of each item, whether it was read. */
function readable(receiver: WebhookReceiver, body: Buffer, query: Record<string, string>): readonly boolean[] {
  try {
    return receiver.parse({ headers: {}, query, body }).map(({ ok }) => ok);
  } catch {
    return [];
  }
}

const PAIRS = Object.keys(RECEIVERS).flatMap((ours) =>
  Object.keys(RECEIVERS).flatMap((theirs) => (ours === theirs ? [] : [[ours, theirs] as const])),
);

describe('a post of another vendor', () => {
  it.each(PAIRS)('to %s, from %s: nothing of it is an event', (ours, theirs) => {
    const receiver = RECEIVERS[ours];
    if (receiver === undefined) throw new Error(ours);
    const posts = postsOf(theirs);
    expect(posts.length).toBeGreaterThan(5);
    const taken = posts.filter(([, body]) =>
      (QUERIES[ours] ?? [{}]).some((query) => readable(receiver, body, query).some(Boolean)),
    );
    expect(taken.map(([name]) => name)).toEqual([]);
  });
});
