import { type JsonItem, textOf } from '@score-crm/adapter-kit';
import { SMTP_ID_OF_THE_API } from '../assumptions.ts';

/**
 * The id that `send` returned: what stands before the first dot of `sg_message_id`. The names behind it are of the
 * vendor's servers. An asynchronous bounce may only have the `smtp-id`.
 * https://github.com/sendgrid/docs/issues/6577
 */
export function messageIdOf(event: JsonItem): string | undefined {
  const [id = ''] = textOf(event, 'sg_message_id')?.split('.') ?? [];
  if (id !== '') return id;
  return SMTP_ID_OF_THE_API.exec(textOf(event, 'smtp-id') ?? '')?.[1];
}
