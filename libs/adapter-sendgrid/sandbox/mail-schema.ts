import { type Schema, schema } from '@score-crm/adapter-kit/sandbox';

const { anything, flag, integer, list, object, text, texts } = schema;

// The domain must be in ASCII, and the vendor documents no support for non-ASCII letters before the @.
const EMAIL = /^(?=[!-~]+$)[^\s@<>,;]+@[^\s@<>,;]+$/;
const address = object({ email: text({ pattern: EMAIL }), name: text() }, ['email']);
// The vendor accepts other names and then drops the mail: https://github.com/sendgrid/sendgrid-ruby/issues/394
const recipient = object(
  { email: text({ pattern: EMAIL }), name: text({ pattern: /^(?:[^(),:;<>@[\]]*|"(?:[^"\\]|\\.)*")$/ }) },
  ['email'],
);
// Not with a pattern: on a long text it could exhaust the stack.
const BASE64 = { test: (content: string) => Buffer.from(content, 'base64').toString('base64') === content };

const personalization = object(
  {
    to: list(recipient, { min: 1, max: 1000 }),
    cc: list(recipient, { max: 1000 }),
    bcc: list(recipient, { max: 1000 }),
    from: address,
    subject: text({ min: 1 }),
    headers: texts,
    substitutions: texts,
    dynamic_template_data: anything,
    custom_args: texts,
    send_at: integer,
  },
  ['to'],
);
const attachment = object(
  {
    content: text({ min: 1, pattern: BASE64 }),
    filename: text({ min: 1 }),
    type: text({ min: 1, pattern: /^[^;\r\n]+$/ }),
    disposition: text({ pattern: /^(?:inline|attachment)$/ }),
    content_id: text({ min: 1 }),
  },
  ['content', 'filename'],
);
const enable = object({ enable: flag });

/**
 * https://github.com/twilio/sendgrid-oai, `spec/json/tsg_mail_v3.json`; `custom_args` as documented on the vendor's
 * pages.
 */
export const mailSchema: Schema = object(
  {
    personalizations: list(personalization, { min: 1, max: 1000 }),
    from: address,
    reply_to: address,
    reply_to_list: list(address, { max: 1000 }),
    subject: text({ min: 1 }),
    content: list(object({ type: text({ min: 1 }), value: text({ min: 1 }) }, ['type', 'value']), { min: 1 }),
    attachments: list(attachment),
    template_id: text(),
    headers: texts,
    categories: list(text({ min: 1, max: 255 }), { max: 10 }),
    custom_args: texts,
    send_at: integer,
    batch_id: text(),
    asm: object({ group_id: integer, groups_to_display: list(integer, { max: 25 }) }, ['group_id']),
    ip_pool_name: text({ min: 2, max: 64 }),
    mail_settings: object({
      bypass_list_management: enable,
      bypass_spam_management: enable,
      bypass_bounce_management: enable,
      bypass_unsubscribe_management: enable,
      footer: object({ enable: flag, text: text(), html: text() }),
      sandbox_mode: enable,
    }),
    tracking_settings: object({
      click_tracking: object({ enable: flag, enable_text: flag }),
      open_tracking: object({ enable: flag, substitution_tag: text() }),
      subscription_tracking: object({ enable: flag, text: text(), html: text(), substitution_tag: text() }),
      ganalytics: anything,
    }),
  },
  ['personalizations', 'from'],
);
