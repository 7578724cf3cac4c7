/** A webhook's body that is no batch at all, so that not even its items can be told apart. */
export class MalformedWebhookError extends Error {
  override readonly name = 'MalformedWebhookError';
}
