/** The body of a webhook request is not a batch at all, so that not even its items can be distinguished. */
export class MalformedWebhookError extends Error {
  override readonly name = 'MalformedWebhookError';
}
