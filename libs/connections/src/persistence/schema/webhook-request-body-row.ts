import { EntitySchema } from 'typeorm';
import { columnKinds, type Dialect } from '../dialect.ts';

/** A further part of a request's body that is too large for one statement. The first part is in the request's own row. */
export class WebhookRequestBodyRow {
  requestId!: string;
  /** From 1. */
  part!: number;
  connectionId!: string;
  bytes!: Buffer;
}

export function webhookRequestBodySchema(dialect: Dialect): EntitySchema<WebhookRequestBodyRow> {
  const { bytes, integer, key } = columnKinds(dialect);
  const primary = { primary: true, primaryKeyConstraintName: 'pk_webhook_request_bodies' };
  return new EntitySchema<WebhookRequestBodyRow>({
    name: 'webhook_request_body',
    target: WebhookRequestBodyRow,
    tableName: 'webhook_request_bodies',
    columns: {
      requestId: { name: 'request_id', ...key, length: 36, ...primary },
      part: { ...integer, ...primary },
      connectionId: { name: 'connection_id', ...key, length: 36 },
      bytes: { ...bytes },
    },
    indices: [{ name: 'ix_webhook_request_bodies_connection', columns: ['connectionId', 'requestId'] }],
  });
}
