import { describe, expect, it } from '@jest/globals';
import {
  type BounceClass,
  HttpClient,
  OutboundPolicy,
  VendorEndpoints,
  type WebhookReceiver,
} from '@score-crm/adapter-kit';
import { webhookRequest } from '@score-crm/adapter-kit/testing';
import { MailgunAdapter } from '@score-crm/adapter-mailgun';
import { SendgridAdapter } from '@score-crm/adapter-sendgrid';
import { SmtpcomAdapter } from '@score-crm/adapter-smtpcom';
import { SparkpostAdapter } from '@score-crm/adapter-sparkpost';

const http = new HttpClient(new OutboundPolicy());
const endpoints = new VendorEndpoints();

interface VendorOfBounces {
  readonly webhooks: WebhookReceiver;
  /** A bounce with these codes, and with nothing by which the vendor itself classifies it. */
  readonly post: (reply: string, codes: Codes) => unknown;
}

interface Codes {
  readonly code?: number;
  readonly enhancedCode?: string;
}

const TIME = 1_795_000_000;
const TO = 'ada@recipient.example';

const VENDORS: Readonly<Record<string, VendorOfBounces>> = {
  mailgun: {
    webhooks: new MailgunAdapter(http, endpoints).webhooks,
    post: (message, { code, enhancedCode }) => ({
      'event-data': {
        event: 'failed',
        severity: 'permanent',
        id: 'a',
        timestamp: TIME,
        recipient: TO,
        'delivery-status': { code, message, ...(enhancedCode === undefined ? {} : { 'enhanced-code': enhancedCode }) },
      },
    }),
  },
  sendgrid: {
    webhooks: new SendgridAdapter(http, endpoints).webhooks,
    post: (reason, { enhancedCode }) => [
      {
        event: 'bounce',
        email: TO,
        timestamp: TIME,
        sg_message_id: 'a.b',
        reason,
        ...(enhancedCode === undefined ? {} : { status: enhancedCode }),
      },
    ],
  },
  smtpcom: {
    webhooks: new SmtpcomAdapter(http, endpoints).webhooks,
    post: (resp_msg, { code }) => [
      { event_label: 'bounce', tracking_id: 'a', rcpt_to: TO, time_finished: TIME, resp_code: code, resp_msg },
    ],
  },
  sparkpost: {
    webhooks: new SparkpostAdapter(http, endpoints).webhooks,
    post: (raw_reason, { code }) => [
      {
        msys: {
          message_event: {
            type: 'bounce',
            event_id: '1',
            timestamp: String(TIME),
            rcpt_to: TO,
            ...(code === undefined ? {} : { error_code: String(code) }),
            raw_reason,
          },
        },
      },
    ],
  },
};

function classOf({ webhooks, post }: VendorOfBounces, reply: string, codes: Codes): BounceClass | undefined {
  const [one] = webhooks.parse(webhookRequest(JSON.stringify(post(reply, codes))));
  return one?.ok === true ? one.event.bounce?.class : undefined;
}

function codesOf(reply: string): Codes {
  const enhancedCode = /[45]\.\d+\.\d+/.exec(reply)?.[0];
  return { code: Number(reply.slice(0, 3)), ...(enhancedCode === undefined ? {} : { enhancedCode }) };
}

describe.each(Object.entries(VENDORS))('a bounce that %s reports', (_vendor, vendor) => {
  it.each([
    ['550 5.1.1 User unknown', 'hard'],
    ['550 5.1.2 Bad destination system', 'hard'],
    ['553 5.1.3 Bad syntax', 'hard'],
    ['551 5.1.6 Moved', 'hard'],
    ['556 5.1.10 Null MX', 'hard'],
    ['550 5.2.1 Mailbox disabled', 'hard'],
    ['550 5.1.0 Address rejected', 'unknown'],
    ['550 5.1.7 Bad sender syntax', 'block'],
    ['550 5.1.8 Sender domain not found', 'block'],
    ['552 5.2.2 Mailbox full', 'soft'],
    ['552 5.3.4 Message too big', 'soft'],
    ['550 5.4.1 No answer from host', 'soft'],
    ['554 5.4.7 Expired', 'soft'],
    ['554 5.6.0 Bad content', 'policy'],
    ['550 5.7.1 Refused', 'block'],
    ['550 #5.7.1 Refused', 'block'],
    ['550 Refused (#5.7.1)', 'block'],
    ['550-5.7.26 Not authenticated\n550 5.7.26 See the help', 'block'],
    ['550 5.7.509 DMARC of the sender', 'block'],
    ['451 4.7.1 Greylisted', 'block'],
    ['452 4.2.2 Mailbox full', 'soft'],
    ['450 4.1.1 Unverified', 'soft'],
    ['550 Not here', 'unknown'],
    ['451 Later', 'soft'],
    ['552 Over quota', 'soft'],
    ['550: 5.1.1: User unknown', 'hard'],
  ] as const)('has the class of its codes alone: %j', (reply, expected) => {
    expect(classOf(vendor, reply, codesOf(reply))).toBe(expected);
  });

  it.each([
    // The field has only a class, the reply has more.
    ['550 5.7.1 Refused', { code: 550, enhancedCode: '5.0.0' }, 'block'],
    ['550 5.1.1 User unknown', { code: 550, enhancedCode: '5.0.0' }, 'hard'],
    // The fields have nothing.
    ['552 Over quota', {}, 'soft'],
    ['556 No mail here', {}, 'hard'],
    ['550 No such user (#5.1.1)', {}, 'hard'],
    // The two codes contradict each other.
    ['450 5.1.1 User unknown', { code: 450, enhancedCode: '5.1.1' }, 'soft'],
    ['450 4.7.1 Refused', { code: 450, enhancedCode: '5.7.1' }, 'block'],
  ] as const)('has a class also where codes are missing, vague or contradict: %j with %j', (reply, codes, expected) => {
    expect(classOf(vendor, reply, codes)).toBe(expected);
  });
});

/** Where a vendor's own, documented classification decides against the codes. */
describe('a vendor’s own classification', () => {
  it.each([
    // SendGrid: `type` and `bounce_classification`.
    ['sendgrid', { type: 'blocked', status: '5.1.1' }, 'block'],
    ['sendgrid', { type: 'bounce', status: '5.0.0' }, 'hard'],
    ['sendgrid', { bounce_classification: 'Invalid Address', status: '5.7.1' }, 'hard'],
    ['sendgrid', { bounce_classification: 'Technical Failure', status: '5.1.1' }, 'soft'],
    ['sendgrid', { bounce_classification: 'Mailbox Unavailable', status: '5.0.0' }, 'hard'],
    ['sendgrid', { bounce_classification: 'Mailbox Unavailable', status: '5.2.2' }, 'soft'],
    ['sendgrid', { bounce_classification: 'Unclassified', status: '5.1.1' }, 'hard'],
    // SparkPost: `bounce_class`, but for 1, which is undetermined.
    ['sparkpost', { bounce_class: '10', raw_reason: '550 5.7.1 refused' }, 'hard'],
    ['sparkpost', { bounce_class: '51', raw_reason: '550 5.1.1 unknown' }, 'block'],
    ['sparkpost', { bounce_class: '1', raw_reason: '550 5.1.1 unknown' }, 'hard'],
    // SMTP.com: `resp_class`, whose numbers are SparkPost's.
    ['smtpcom', { resp_class: '22', resp_code: 550, resp_msg: '5.1.1 unknown' }, 'soft'],
    // Mailgun: `bounce-type` and `reason`.
    ['mailgun', { 'delivery-status': { code: 550, 'enhanced-code': '5.1.1', 'bounce-type': 'soft' } }, 'soft'],
    ['mailgun', { 'delivery-status': { code: 550, 'bounce-type': 'hard' } }, 'hard'],
    ['mailgun', { reason: 'bounce', 'delivery-status': { code: 550 } }, 'hard'],
  ] as const)('of %s wins: %j', (name, own, expected) => {
    const vendor = VENDORS[name] as VendorOfBounces;
    const post = vendor.post('', { code: 550 });
    const [event] = (Array.isArray(post) ? post : [post]) as Record<string, Record<string, object>>[];
    const filed = event?.['msys']?.['message_event'] ?? event?.['event-data'] ?? event;
    Object.assign(filed ?? {}, own);
    const [one] = vendor.webhooks.parse(webhookRequest(JSON.stringify(post)));
    expect(one).toMatchObject({ event: { bounce: { class: expected } } });
  });
});
