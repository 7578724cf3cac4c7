import { describeFields, isShown } from '@score-crm/adapter-kit';
import type { RegisteredAdapter } from '@score-crm/connections';
import type { OpenAPIObject } from '@nestjs/swagger';

type Example = Readonly<Record<string, unknown>>;

/** Adds an example for each vendor to the request bodies of creating, testing and sending. */
export function addRequestExamples(document: OpenAPIObject, adapters: readonly RegisteredAdapter[]): void {
  const sender = { fromEmail: 'news@example.com', fromName: 'Example News' };
  const to = ['ada@example.org'];
  addExamples(document, '/api/v1/connections', adapters, (registered) => ({
    name: `${registered.identity.displayName} newsletter`,
    vendor: registered.identity.vendor,
    ...sender,
    settings: settingsExample(registered),
  }));
  addExamples(document, '/api/v1/connections/test', adapters, (registered) => ({
    vendor: registered.identity.vendor,
    ...sender,
    settings: settingsExample(registered),
    to,
  }));
  addExamples(document, '/api/v1/connections/{id}/messages', adapters, messageExample);
}

function addExamples(
  { paths }: OpenAPIObject,
  path: string,
  adapters: readonly RegisteredAdapter[],
  example: (adapter: RegisteredAdapter) => Example,
): void {
  const body = paths[path]?.post?.requestBody;
  const json = body !== undefined && 'content' in body ? body.content['application/json'] : undefined;
  if (json === undefined) throw new Error(`The OpenAPI document has no JSON body for POST ${path}.`);
  json.examples = Object.fromEntries(
    adapters.map((adapter) => {
      const { vendor, displayName } = adapter.identity;
      return [vendor, { summary: displayName, value: example(adapter) }];
    }),
  );
}

/** The fields that a vendor requires. */
function settingsExample({ adapter }: RegisteredAdapter): Example {
  const fields = describeFields(adapter.settings);
  const defaults = new adapter.settings() as Example;
  const required = fields.filter((field) => field.required && isShown(field, defaults));
  return Object.fromEntries(
    required.map(({ name, label, placeholder, secret }) => {
      return [name, secret === true || placeholder === undefined ? `your-${kebabCase(label)}` : placeholder];
    }),
  );
}

/** A message that uses what the vendor supports. */
function messageExample({ adapter: { capabilities } }: RegisteredAdapter): Example {
  return {
    to: [{ email: 'ada@example.org', name: 'Ada' }],
    subject: 'Your invoice',
    text: 'Hello Ada, your invoice is attached.',
    html: '<p>Hello Ada, your invoice is attached.</p>',
    ...(capabilities.attachments
      ? { attachments: [{ filename: 'invoice.txt', contentType: 'text/plain', content: 'VG90YWw6IDQyIEVVUgo=' }] }
      : {}),
    ...(capabilities.tags ? { tags: ['invoice'] } : {}),
    ...(capabilities.metadata ? { metadata: { customerId: '42' } } : {}),
  };
}

/** `API key` → `api-key`. */
function kebabCase(label: string): string {
  return label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}
