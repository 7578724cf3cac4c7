export function WebhookTab() {
  return null;
}
