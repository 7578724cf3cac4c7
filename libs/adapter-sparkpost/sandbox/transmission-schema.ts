import { type Schema, schema } from '@score-crm/adapter-kit/sandbox';

const { anything, flag, list, object, text } = schema;

const BASE64 = {
  test: (data: string) => Buffer.from(data, 'base64').toString('base64') === data,
};
const BYTES = (most: number) => ({ test: (value: string) => Buffer.byteLength(value) <= most });

// Checked separately, since an invalid address affects only itself.
const recipient = object(
  {
    address: object({ email: text(), name: text(), header_to: text({ min: 1 }) }, ['email']),
    tags: list(text({ min: 1 }), { max: 10 }),
    metadata: anything,
    substitution_data: anything,
    return_path: text(),
  },
  ['address'],
);
const file = object(
  {
    name: text({ min: 1, pattern: BYTES(255) }),
    type: text({ min: 1 }),
    data: text({ min: 1, pattern: BASE64 }),
  },
  ['name', 'type', 'data'],
);

/**
 * Inline content to inline recipients. The vendor ignores unknown members; here they are rejected, so that misspelled
 * ones are noticed.
 * https://developers.sparkpost.com/api/transmissions/#header-request-body
 */
export const transmissionSchema: Schema = object(
  {
    options: object({
      start_time: text({ pattern: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/ }),
      open_tracking: flag,
      initial_open: flag,
      click_tracking: flag,
      transactional: flag,
      sandbox: flag,
      skip_suppression: flag,
      ip_pool: text({ min: 1 }),
      inline_css: flag,
      perform_substitutions: flag,
    }),
    recipients: list(recipient, { min: 1 }),
    content: object(
      {
        from: object({ email: text({ min: 1 }), name: text() }, ['email']),
        subject: text({ min: 1 }),
        text: text({ min: 1 }),
        html: text({ min: 1 }),
        reply_to: text({ min: 1 }),
        headers: schema.texts,
        attachments: list(file),
        inline_images: list(file),
      },
      ['from', 'subject'],
    ),
    campaign_id: text({ pattern: BYTES(64) }),
    description: text({ pattern: BYTES(1024) }),
    metadata: anything,
    substitution_data: schema.texts,
    return_path: text(),
  },
  ['recipients', 'content'],
);
