import { type JsonItem, textOf } from '@score-crm/adapter-kit';
import { SMTP_ID_OF_THE_API } from '../assumptions.ts';

/**
 * Returns the id that `send` returned: the part of `sg_message_id` before the first dot, which the names of the
 * vendor's servers follow. An asynchronous bounce may have only the `smtp-id`.
 * https://github.com/sendgrid/docs/issues/6577
 */
export function messageIdOf(event: JsonItem): string | undefined {
  const [id = ''] = textOf(event, 'sg_message_id')?.split('.') ?? [];
  if (id !== '') return id;
  return SMTP_ID_OF_THE_API.exec(textOf(event, 'smtp-id') ?? '')?.[1];
}
